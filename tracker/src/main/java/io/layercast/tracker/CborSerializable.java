package io.layercast.tracker;

/** Messages between the nodes of the cluster; bound to Jackson CBOR in reference.conf. */
interface CborSerializable {}
