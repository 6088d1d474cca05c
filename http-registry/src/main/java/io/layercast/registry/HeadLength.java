package io.layercast.registry;

import akka.http.scaladsl.model.headers.CustomHeader;

/**
 * The Content-Length of an answer to HEAD. akka-http 10.5 never renders one there, whatever the
 * entity says, and refuses a raw header of that name; clients want to know the size (RFC 9110, 8.6,
 * allows it). Belongs on an answer with an empty entity only.
 */
final class HeadLength extends CustomHeader {
  private final long lengthBytes;

  HeadLength(long lengthBytes) {
    this.lengthBytes = lengthBytes;
  }

  @Override
  public String name() {
    return "Content-Length";
  }

  @Override
  public String lowercaseName() {
    return "content-length";
  }

  @Override
  public String value() {
    return Long.toString(lengthBytes);
  }

  @Override
  public boolean renderInRequests() {
    return false;
  }

  @Override
  public boolean renderInResponses() {
    return true;
  }
}
