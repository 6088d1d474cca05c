package io.layercast.swarm;

import io.layercast.engine.PieceSet;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Says which piece to fetch next from a peer: what local readers wait for, in order within a
 * window, then the rarest, ties broken by chance; or one near a reader; or one that is this node's
 * to bring into the swarm. Which of these when is for {@link FetchChoice}. A piece is <em>open</em>
 * when its hash is known, it is not here and nobody was told to fetch it; only open pieces are
 * picked.
 *
 * <p>Open pieces stand in one array, grouped by how many peers have them, so that the rarest come
 * first; a change of a count moves a piece across one group border. A pick looks at pieces from the
 * rarest on until the peer has one: no pick costs pieces × peers. Peers that had everything when
 * they came are not counted, they make nothing rarer than anything else.
 *
 * <p>Not thread-safe. No clock; chance from a seed.
 */
public final class PiecePicker {
  private static final int ABSENT = -1;

  private final RandomGenerator random;
  private final int[] availability;
  private final boolean[] known;
  private final boolean[] here;
  private final boolean[] taken;

  /** Open pieces, rarest first; the first {@link #size} are valid. */
  private final int[] order;

  /** Where a piece stands in {@link #order}, or {@link #ABSENT}. */
  private final int[] place;

  /** {@code groupEnd[a]}: where the pieces that at most {@code a} peers have end. */
  private int[] groupEnd = new int[8];

  private int size;
  private int opened;

  public PiecePicker(int pieceCount, long seed) {
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.availability = new int[pieceCount];
    this.known = new boolean[pieceCount];
    this.here = new boolean[pieceCount];
    this.taken = new boolean[pieceCount];
    this.order = new int[pieceCount];
    this.place = new int[pieceCount];
    Arrays.fill(place, ABSENT);
  }

  /** The piece's hash is known. */
  public void known(int piece) {
    known[piece] = true;
    settle(piece);
  }

  /** The piece is stored here. */
  public void stored(int piece) {
    here[piece] = true;
    taken[piece] = false;
    settle(piece);
  }

  /** The piece was stored here and is gone. */
  public void lost(int piece) {
    here[piece] = false;
    settle(piece);
  }

  /** Whoever was told to fetch the piece did not. */
  public void giveBack(int piece) {
    taken[piece] = false;
    settle(piece);
  }

  /** One more peer has the piece. */
  public void peerHas(int piece) {
    count(piece, 1);
  }

  /** One peer less has the piece. */
  public void peerLost(int piece) {
    count(piece, -1);
  }

  /** A peer that was counted for each of these is gone. */
  public void peerGone(PieceSet counted) {
    counted.stream().forEach(piece -> count(piece, -1));
  }

  /** How many pieces are open. */
  public int openPieces() {
    return size;
  }

  /** Grows whenever a piece becomes open: until then who had nothing to pick has nothing still. */
  public int opened() {
    return opened;
  }

  public boolean isOpen(int piece) {
    return place[piece] != ABSENT;
  }

  /**
   * Takes the piece to fetch next from a peer that has {@code has}, or -1.
   *
   * @param readers the pieces local readers wait for, most urgent first
   * @param window how many pieces from each reader on are fetched in order
   */
  public int pick(PieceSet has, List<Integer> readers, int window) {
    if (size == 0) {
      return -1;
    }
    for (int reader : readers) {
      int end = Math.min(reader + window, place.length);
      for (int piece = Math.max(reader, 0); piece < end; piece++) {
        if (isOpen(piece) && has.has(piece)) {
          return take(piece);
        }
      }
    }
    for (int i = 0; i < size; i++) {
      if (has.has(order[i])) {
        return take(order[i]);
      }
    }
    return -1;
  }

  /**
   * Takes a piece that local readers wait for soon, from a peer that has {@code has}, or -1: the
   * first in order of those that {@code plenty} peers have, since nobody gains from their being
   * passed on; else the rarest.
   *
   * @param readers the pieces local readers wait for, most urgent first
   * @param window how many pieces from each reader on are meant
   */
  public int pickNear(PieceSet has, List<Integer> readers, int window, int plenty) {
    for (int reader : readers) {
      int end = Math.min(reader + window, place.length);
      int rarest = -1;
      for (int piece = reader; piece < end; piece++) {
        if (isOpen(piece) && has.has(piece)) {
          if (availability[piece] >= plenty) {
            return take(piece);
          }
          rarest = rarest < 0 || place[piece] < place[rarest] ? piece : rarest;
        }
      }
      if (rarest >= 0) {
        return take(rarest);
      }
    }
    return -1;
  }

  /**
   * Takes the first piece in order that no counted peer has and that is this node's to bring into
   * the swarm, from a peer that has {@code has}, or -1. Nodes that know each other all know which
   * of them brings what, without a word.
   *
   * @param readers the pieces local readers wait for, most urgent first
   * @param window how many pieces from each reader on are meant
   * @param stripes how many nodes bring pieces: each one's are so far apart
   * @param own this node's number among them, from 0
   */
  public int pickStripe(PieceSet has, List<Integer> readers, int window, int stripes, int own) {
    for (int reader : readers) {
      int end = Math.min(reader + window, place.length);
      int first = reader + Math.floorMod(own - reader, stripes);
      for (int piece = first; piece < end; piece += stripes) {
        if (isOpen(piece) && has.has(piece) && availability[piece] == 0) {
          return take(piece);
        }
      }
    }
    return -1;
  }

  private int take(int piece) {
    taken[piece] = true;
    settle(piece);
    return piece;
  }

  private void count(int piece, int change) {
    int from = availability[piece];
    availability[piece] = from + change;
    if (isOpen(piece)) {
      growTo(Math.max(from, from + change));
      if (change > 0) {
        // The last of its group, and then the first of the next.
        swap(place[piece], --groupEnd[from]);
      } else {
        // The first of its group, and then the last of the one before.
        swap(place[piece], groupEnd[from - 1]++);
      }
      shuffle(piece);
    }
  }

  /** Ties are broken by chance: the piece goes to any place in its group. */
  private void shuffle(int piece) {
    int group = availability[piece];
    int start = group == 0 ? 0 : groupEnd[group - 1];
    swap(place[piece], start + random.nextInt(groupEnd[group] - start));
  }

  private void settle(int piece) {
    boolean open = known[piece] && !here[piece] && !taken[piece];
    if (open && !isOpen(piece)) {
      insert(piece);
    } else if (!open && isOpen(piece)) {
      remove(piece);
    }
  }

  private void insert(int piece) {
    opened++;
    int group = availability[piece];
    growTo(group);
    int hole = size++;
    for (int above = groupEnd.length - 1; above > group; above--) {
      int first = groupEnd[above - 1];
      put(order[first], hole, first != hole);
      hole = first;
      groupEnd[above]++;
    }
    groupEnd[group]++;
    put(piece, hole, true);
    shuffle(piece);
  }

  private void remove(int piece) {
    int hole = place[piece];
    for (int group = availability[piece]; group < groupEnd.length; group++) {
      int last = --groupEnd[group];
      put(order[last], hole, last != hole);
      hole = last;
    }
    place[piece] = ABSENT;
    size--;
  }

  private void put(int piece, int at, boolean moves) {
    if (moves) {
      order[at] = piece;
      place[piece] = at;
    }
  }

  private void swap(int one, int other) {
    int moved = order[one];
    put(order[other], one, true);
    put(moved, other, true);
  }

  private void growTo(int group) {
    int groups = groupEnd.length;
    if (group >= groups) {
      groupEnd = Arrays.copyOf(groupEnd, Math.max(group + 1, groups * 2));
      Arrays.fill(groupEnd, groups, groupEnd.length, size);
    }
  }
}
