package io.layercast.engine;

/** Marks messages that cross the cluster as CBOR; bound in reference.conf. */
interface CborSerializable {}
