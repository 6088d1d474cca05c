package io.layercast.engine;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import java.util.HashMap;
import java.util.Map;

/** Finds or starts the {@link LayerDownload} of a digest. */
final class LayerDownloads extends AbstractOnMessageBehavior<LayerDownloads.Command> {
  sealed interface Command {}

  record Join(LayerDownload.Join join) implements Command {}

  /**
   * The download has nothing left to do after {@code joins} joins; if it was sent more meanwhile it
   * has, and will say so again.
   */
  record Finished(Digest digest, int joins) implements Command {}

  private record Gone(Digest digest, ActorRef<LayerDownload.Command> download) implements Command {}

  private record Running(ActorRef<LayerDownload.Command> download, int joins) {}

  private final AgentNode node;
  private final Map<Digest, Running> downloads = new HashMap<>();

  private LayerDownloads(ActorContext<Command> context, AgentNode node) {
    super(context);
    this.node = node;
  }

  static Behavior<Command> create(AgentNode node) {
    return Behaviors.setup(context -> new LayerDownloads(context, node));
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    switch (command) {
      case Join join -> onJoin(join.join());
      case Finished finished -> onFinished(finished);
      case Gone gone -> {
        Running running = downloads.get(gone.digest());
        if (running != null && running.download().equals(gone.download())) {
          downloads.remove(gone.digest());
        }
      }
    }
    return this;
  }

  private void onJoin(LayerDownload.Join join) {
    Digest digest = join.ticket().digest();
    Running running = downloads.get(digest);
    Running next =
        running == null
            ? new Running(start(digest), 1)
            : new Running(running.download(), running.joins() + 1);
    downloads.put(digest, next);
    next.download().tell(join);
  }

  private void onFinished(Finished finished) {
    Running running = downloads.get(finished.digest());
    if (running != null && running.joins() == finished.joins()) {
      downloads.remove(finished.digest());
      running.download().tell(LayerDownload.Stop.INSTANCE);
    }
  }

  private ActorRef<LayerDownload.Command> start(Digest digest) {
    ActorRef<LayerDownload.Command> download =
        getContext().spawnAnonymous(LayerDownload.create(node, digest, getContext().getSelf()));
    getContext().watchWith(download, new Gone(digest, download));
    return download;
  }
}
