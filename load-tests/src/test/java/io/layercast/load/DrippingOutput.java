package io.layercast.load;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Lets bytes out at a rate, in small portions; what is shorter than a portion at once. */
final class DrippingOutput extends FilterOutputStream {
  private static final int PORTION_BYTES = 1_000;

  private final Link link;

  DrippingOutput(OutputStream out, long bytesPerSecond) {
    super(out);
    this.link = new Link(bytesPerSecond);
  }

  @Override
  public void write(byte[] bytes, int begin, int length) throws IOException {
    int end = begin + length;
    for (int at = begin; at < end; at += PORTION_BYTES) {
      int portion = Math.min(PORTION_BYTES, end - at);
      if (length > PORTION_BYTES) {
        link.pass(portion);
      }
      out.write(bytes, at, portion);
    }
    out.flush();
  }
}
