package io.layercast.bootstrap;

import io.layercast.bootstrap.node.DataSize;
import picocli.CommandLine.ITypeConverter;

/** Reads an option's rate, {@code 100MB/s}. */
final class RateConverter implements ITypeConverter<DataSize> {
  @Override
  public DataSize convert(String text) {
    return DataSize.parseRate(text);
  }
}
