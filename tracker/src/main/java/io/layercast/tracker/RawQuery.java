package io.layercast.tracker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A query string whose values are bytes: {@code name=value&…}, {@code %XX} one byte of any value
 * (RFC 3986, 2.1), everything else the byte it is; {@code +} too. A {@code %} without two hex
 * digits stands for itself. At most {@value #MOST_PARAMETERS} parameters are read.
 */
final class RawQuery {
  static final int MOST_PARAMETERS = 256;

  @SuppressWarnings("ArrayRecordComponent") // not compared
  private record Parameter(String name, byte[] value) {}

  private final List<Parameter> parameters;

  private RawQuery(List<Parameter> parameters) {
    this.parameters = parameters;
  }

  static RawQuery parse(String query) {
    List<Parameter> parameters = new ArrayList<>();
    int start = 0;
    while (start <= query.length() && parameters.size() < MOST_PARAMETERS) {
      int ampersand = query.indexOf('&', start);
      int end = ampersand < 0 ? query.length() : ampersand;
      int equals = query.indexOf('=', start);
      if (equals >= 0 && equals < end) {
        String name =
            new String(decode(query.substring(start, equals)), StandardCharsets.ISO_8859_1);
        parameters.add(new Parameter(name, decode(query.substring(equals + 1, end))));
      }
      start = end + 1;
    }
    return new RawQuery(parameters);
  }

  Optional<byte[]> first(String name) {
    for (Parameter parameter : parameters) {
      if (parameter.name().equals(name)) {
        return Optional.of(parameter.value());
      }
    }
    return Optional.empty();
  }

  List<byte[]> all(String name) {
    return parameters.stream()
        .filter(parameter -> parameter.name().equals(name))
        .map(Parameter::value)
        .toList();
  }

  private static byte[] decode(String text) {
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    int length = 0;
    for (int i = 0; i < raw.length; i++) {
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (raw[i] == '%' && high >= 0 && low >= 0) {
        raw[length] = (byte) (high << 4 | low);
        i += 2;
      } else {
        raw[length] = raw[i];
      }
      length++;
    }
    return Arrays.copyOf(raw, length);
  }
}
