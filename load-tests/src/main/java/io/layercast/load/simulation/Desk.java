package io.layercast.load.simulation;

import io.layercast.swarm.SwarmSettings;
import io.layercast.swarm.UploadChoice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A node's upload slots. */
final class Desk implements Agenda.Event {
  private final Agenda agenda;
  private final Uplink up;
  private final long idleNanos;
  private final UploadChoice choice;
  private final Map<Long, End> ends = new HashMap<>();
  private boolean due;

  Desk(Agenda agenda, Uplink up, SwarmSettings.Transfer transfer) {
    this.up = up;
    this.idleNanos = transfer.uploadIdle().toNanos();
    this.agenda = agenda;
    this.choice =
        new UploadChoice(
            transfer.uploadSlotsMin(), transfer.uploadSlotsMax(), transfer.uploadTurn().toNanos());
  }

  void interest(End end, boolean interested) {
    if (interested) {
      ends.put(end.id(), end);
      apply(choice.wants(end.id(), agenda.now()));
    } else {
      left(end);
    }
  }

  void left(End end) {
    apply(choice.left(end.id(), agenda.now()));
    ends.remove(end.id());
  }

  void served(End end) {
    apply(choice.served(end.id(), agenda.now(), up.isSaturated()));
  }

  @Override
  public void happen() {
    due = false;
    apply(choice.rotate(agenda.now(), this::isIdle, up.isSaturated()));
  }

  private boolean isIdle(long id) {
    End end = ends.get(id);
    return end == null || (!end.hasBlocks() && agenda.now() - end.lastAskedNanos() > idleNanos);
  }

  private void apply(List<UploadChoice.Change> changes) {
    for (UploadChoice.Change change : changes) {
      End end = ends.get(change.peer());
      if (end != null) {
        end.unchoke(change.unchoked());
      }
    }
    if (choice.isContended() && !due) {
      due = true;
      agenda.after(idleNanos, this);
    }
  }
}
