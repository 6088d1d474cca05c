package io.layercast.load.simulation;

import io.layercast.swarm.SwarmSettings;
import io.layercast.swarm.UploadChoice;
import java.util.List;

/** A node's upload slots. */
final class Desk extends Event {
  private final Agenda agenda;
  private final Uplink up;
  private final long idleNanos;
  private final UploadChoice<End> choice;
  private boolean due;

  Desk(Agenda agenda, Uplink up, SwarmSettings.Transfer transfer) {
    this.up = up;
    this.idleNanos = transfer.uploadIdle(up.bytesPerSecond()).toNanos();
    this.agenda = agenda;
    this.choice =
        new UploadChoice<>(
            transfer.uploadSlotsMin(), transfer.uploadSlotsMax(), transfer.uploadTurn().toNanos());
  }

  void interest(End end, boolean interested) {
    if (interested) {
      apply(choice.wants(end, agenda.now()));
    } else {
      left(end);
    }
  }

  void left(End end) {
    apply(choice.left(end, agenda.now()));
  }

  void served(End end) {
    apply(choice.served(end, agenda.now(), up.isSaturated()));
  }

  @Override
  void happen() {
    due = false;
    apply(choice.rotate(agenda.now(), this::isIdle, up.isSaturated()));
  }

  private boolean isIdle(End end) {
    return !end.hasBlocks() && agenda.now() - end.lastAskedNanos() > idleNanos;
  }

  private void apply(List<UploadChoice.Change<End>> changes) {
    for (UploadChoice.Change<End> change : changes) {
      change.peer().unchoke(change.unchoked());
    }
    if (choice.isContended() && !due) {
      due = true;
      agenda.after(idleNanos, this);
    }
  }
}
