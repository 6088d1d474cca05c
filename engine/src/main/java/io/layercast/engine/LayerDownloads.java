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

  /** The download has nothing left to do; it stops when told to, and may get a Join before. */
  record Finished(Digest digest, ActorRef<LayerDownload.Command> download) implements Command {}

  private final AgentNode node;
  private final Map<Digest, ActorRef<LayerDownload.Command>> downloads = new HashMap<>();

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
      case Join join ->
          downloads.computeIfAbsent(join.join().ticket().digest(), this::start).tell(join.join());
      case Finished finished -> {
        if (downloads.remove(finished.digest(), finished.download())) {
          finished.download().tell(LayerDownload.Stop.INSTANCE);
        }
      }
    }
    return this;
  }

  private ActorRef<LayerDownload.Command> start(Digest digest) {
    ActorRef<LayerDownload.Command> download =
        getContext().spawnAnonymous(LayerDownload.create(node, digest, getContext().getSelf()));
    getContext().watchWith(download, new Finished(digest, download));
    return download;
  }
}
