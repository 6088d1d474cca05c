/** Kubernetes as an operator sees it: the manifests of an installation, and its Secret. */
@NullMarked
package io.layercast.bootstrap.kube;

import org.jspecify.annotations.NullMarked;
