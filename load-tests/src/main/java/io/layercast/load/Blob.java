package io.layercast.load;

/**
 * What an image's manifest says of one of its blobs.
 *
 * @param digest {@code sha256:<hex>}
 */
record Blob(String digest, long sizeBytes) {}
