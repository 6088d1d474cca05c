package io.layercast.tracker;

import io.layercast.tracker.Swarm.Entry;
import org.jspecify.annotations.Nullable;

/**
 * Entries in the order of their last announce, longest silent first. A list through the entries
 * themselves: an announce moves one and leaves no garbage, which in the old generation of a tracker
 * with half a million entries would cost a full collection every few seconds.
 */
final class Silence {
  private @Nullable Entry first;
  private @Nullable Entry last;
  private int size;

  int size() {
    return size;
  }

  /** The one that has been silent for longest, if there is any. */
  @Nullable Entry first() {
    return first;
  }

  /** Puts the entry, which is in no list or in any, at this one's end. */
  void putLast(Entry entry) {
    take(entry);
    entry.silence = this;
    entry.before = last;
    if (last == null) {
      first = entry;
    } else {
      last.after = entry;
    }
    last = entry;
    size++;
  }

  /** Takes the entry out of the list that it is in, if it is in one. */
  static void take(Entry entry) {
    Silence from = entry.silence;
    if (from == null) {
      return;
    }
    Entry before = entry.before;
    Entry after = entry.after;
    if (before == null) {
      from.first = after;
    } else {
      before.after = after;
    }
    if (after == null) {
      from.last = before;
    } else {
      after.before = before;
    }
    from.size--;
    entry.silence = null;
    entry.before = null;
    entry.after = null;
  }
}
