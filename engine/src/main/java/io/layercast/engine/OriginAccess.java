package io.layercast.engine;

/**
 * Who asks the origin for what: a repository and the caller's credential for it. Travels as one
 * unit, so that a credential is never used for another repository than its caller named.
 */
public record OriginAccess(RepositoryName repository, Credential credential) {}
