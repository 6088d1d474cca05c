package io.layercast.bootstrap.kube;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Objects by kind and name, and the pods they make. */
record InstalledObjects(List<HasMetadata> all) {

  <T extends HasMetadata> T get(Class<T> type, String name) {
    return each(type).stream()
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no %s %s".formatted(type.getSimpleName(), name)));
  }

  <T extends HasMetadata> List<T> each(Class<T> type) {
    return all.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Of every workload, by its name. */
  Map<String, PodTemplateSpec> pods() {
    Map<String, PodTemplateSpec> pods = new LinkedHashMap<>();
    for (HasMetadata object : all) {
      String name = object.getMetadata().getName();
      switch (object) {
        case DaemonSet set -> pods.put(name, set.getSpec().getTemplate());
        case Deployment deployment -> pods.put(name, deployment.getSpec().getTemplate());
        case Job job -> pods.put(name, job.getSpec().getTemplate());
        default -> {
          // Makes no pods.
        }
      }
    }
    return pods;
  }

  PodTemplateSpec pod(String workload) {
    PodTemplateSpec pod = pods().get(workload);
    if (pod == null) {
      throw new AssertionError("no workload " + workload);
    }
    return pod;
  }

  static List<Container> containers(PodTemplateSpec pod) {
    List<Container> all = new ArrayList<>(pod.getSpec().getInitContainers());
    all.addAll(pod.getSpec().getContainers());
    return all;
  }
}
