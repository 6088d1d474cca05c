package io.layercast.engine.bencode;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A bencoded value (BEP 3): {@code i42e}, {@code 4:spam}, {@code l…e}, {@code d…e}.
 *
 * <p>Decoding is strict where BEP 3 is (no leading zeros, no {@code -0}, nothing after the value,
 * no key twice) and lenient where clients in the field are (keys out of order). Depth and the
 * number of values are bounded; a byte string can not be longer than what is left of the input.
 */
public sealed interface Bencode {
  /** How deep lists and dictionaries may nest. */
  int MAX_DEPTH = 16;

  /** How many values one message may hold. */
  int MAX_VALUES = 100_000;

  /** An integer of at most 64 bits. */
  record Int(long value) implements Bencode {}

  /** A byte string. Not copied: do not change it. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content
  record Bytes(byte[] value) implements Bencode {
    public static Bytes of(String text) {
      return new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public String text() {
      return new String(value, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
      return value.length + " bytes";
    }
  }

  /** A list. */
  record BList(List<Bencode> values) implements Bencode {
    public BList {
      values = List.copyOf(values);
    }
  }

  /** A dictionary; keys are Latin-1 views of byte strings, written in raw byte order. */
  record Dict(Map<String, Bencode> entries) implements Bencode {
    public Dict {
      // A tree: keys come from peers, who could make those of a hash table collide.
      entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    public Optional<Long> integer(String key) {
      return entries.get(key) instanceof Int(long value) ? Optional.of(value) : Optional.empty();
    }

    public Optional<byte[]> bytes(String key) {
      return entries.get(key) instanceof Bytes(byte[] value)
          ? Optional.of(value)
          : Optional.empty();
    }

    public Optional<String> text(String key) {
      return entries.get(key) instanceof Bytes bytes ? Optional.of(bytes.text()) : Optional.empty();
    }

    public Optional<Dict> dict(String key) {
      return entries.get(key) instanceof Dict dict ? Optional.of(dict) : Optional.empty();
    }

    public List<Bencode> list(String key) {
      return entries.get(key) instanceof BList(List<Bencode> values) ? values : List.of();
    }
  }

  /** Collects a dictionary's entries. */
  final class DictBuilder {
    private final Map<String, Bencode> entries = new LinkedHashMap<>();

    public DictBuilder put(String key, Bencode value) {
      entries.put(key, value);
      return this;
    }

    public DictBuilder put(String key, long value) {
      return put(key, new Int(value));
    }

    public DictBuilder put(String key, String value) {
      return put(key, Bytes.of(value));
    }

    public DictBuilder put(String key, byte[] value) {
      return put(key, new Bytes(value));
    }

    public Dict build() {
      return new Dict(entries);
    }
  }

  static DictBuilder dict() {
    return new DictBuilder();
  }

  /** The bytes of {@code value}, dictionary keys sorted. */
  static byte[] encode(Bencode value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    Encoder.write(value, out);
    return out.toByteArray();
  }

  /**
   * The one value that {@code input} is.
   *
   * @throws BencodeException when it is not exactly one well-formed value within the bounds
   */
  static Bencode decode(byte[] input) throws BencodeException {
    Decoder decoder = new Decoder(input, 0);
    Bencode value = decoder.read(0);
    if (decoder.position() != input.length) {
      throw new BencodeException(input.length - decoder.position() + " bytes after the value");
    }
    return value;
  }

  /**
   * The dictionary that {@code input} is.
   *
   * @throws BencodeException when it is anything else
   */
  static Dict decodeDict(byte[] input) throws BencodeException {
    if (decode(input) instanceof Dict dict) {
      return dict;
    }
    throw new BencodeException("not a dictionary");
  }

  /**
   * The dictionary that {@code input} begins with; what follows it is payload (BEP 9, 10).
   *
   * @throws BencodeException when it does not begin with one
   */
  static Prefix decodePrefix(byte[] input) throws BencodeException {
    Decoder decoder = new Decoder(input, 0);
    if (decoder.read(0) instanceof Dict dict) {
      return new Prefix(dict, decoder.position());
    }
    throw new BencodeException("not a dictionary");
  }

  /** A dictionary and how many bytes it took. */
  record Prefix(Dict dict, int lengthBytes) {}

  /** Writes values. */
  final class Encoder {
    private Encoder() {}

    private static void write(Bencode value, ByteArrayOutputStream out) {
      switch (value) {
        case Int(long number) -> ascii("i" + number + "e", out);
        case Bytes(byte[] bytes) -> writeBytes(bytes, out);
        case BList(List<Bencode> values) -> {
          out.write('l');
          values.forEach(each -> write(each, out));
          out.write('e');
        }
        case Dict(Map<String, Bencode> entries) -> {
          out.write('d');
          entries.forEach((key, each) -> {
            writeBytes(key.getBytes(StandardCharsets.ISO_8859_1), out);
            write(each, out);
          });
          out.write('e');
        }
      }
    }

    private static void writeBytes(byte[] bytes, ByteArrayOutputStream out) {
      ascii(bytes.length + ":", out);
      out.writeBytes(bytes);
    }

    private static void ascii(String text, ByteArrayOutputStream out) {
      out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Reads values from one array. */
  final class Decoder {
    private final byte[] input;
    private int position;
    private int values;

    private Decoder(byte[] input, int position) {
      this.input = input;
      this.position = position;
    }

    private int position() {
      return position;
    }

    private Bencode read(int depth) throws BencodeException {
      if (depth > MAX_DEPTH) {
        throw new BencodeException("nested deeper than " + MAX_DEPTH);
      }
      if (++values > MAX_VALUES) {
        throw new BencodeException("more than " + MAX_VALUES + " values");
      }
      byte first = peek();
      return switch (first) {
        case 'i' -> {
          position++;
          yield new Int(readNumber('e'));
        }
        case 'l' -> readList(depth);
        case 'd' -> readDict(depth);
        default -> new Bytes(readBytes());
      };
    }

    private BList readList(int depth) throws BencodeException {
      position++;
      List<Bencode> list = new ArrayList<>();
      while (peek() != 'e') {
        list.add(read(depth + 1));
      }
      position++;
      return new BList(list);
    }

    private Dict readDict(int depth) throws BencodeException {
      position++;
      Map<String, Bencode> entries = new TreeMap<>();
      while (peek() != 'e') {
        String key = new String(readBytes(), StandardCharsets.ISO_8859_1);
        if (entries.put(key, read(depth + 1)) != null) {
          throw new BencodeException("a key twice");
        }
      }
      position++;
      return new Dict(entries);
    }

    private byte[] readBytes() throws BencodeException {
      long length = readNumber(':');
      if (length < 0 || length > input.length - position) {
        throw new BencodeException("a byte string longer than the input");
      }
      byte[] bytes = Arrays.copyOfRange(input, position, position + (int) length);
      position += (int) length;
      return bytes;
    }

    private long readNumber(char end) throws BencodeException {
      int start = position;
      while (peek() != end) {
        byte c = input[position];
        boolean sign = c == '-' && position == start && end == 'e';
        if (!sign && (c < '0' || c > '9')) {
          throw new BencodeException("not a number at byte " + position);
        }
        position++;
      }
      String text = new String(input, start, position - start, StandardCharsets.US_ASCII);
      position++;
      boolean leadingZero = text.length() > 1 && text.startsWith("0");
      if (leadingZero || text.startsWith("-0")) {
        throw new BencodeException("a number with a leading zero");
      }
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new BencodeException("not a number of 64 bits", e);
      }
    }

    private byte peek() throws BencodeException {
      if (position >= input.length) {
        throw new BencodeException("ends early");
      }
      return input[position];
    }
  }
}
