package io.layercast.engine.bencode;

/** The input is not well-formed bencoding, or passes a bound. */
public final class BencodeException extends Exception {
  public BencodeException(String message) {
    super(message);
  }

  public BencodeException(String message, Throwable cause) {
    super(message, cause);
  }
}
