/* Which hosts an image is asked from: registries.conf, certs.d, hosts.toml (registry.md §5.1–5.3). */
#ifndef OCI_REGISTRIES_H
#define OCI_REGISTRIES_H

#include "doc/doc.h"
#include "oci/reference.h"

struct oci_endpoint {
    struct str host; /* "host[:port]" as spoken to */
    struct str repository;
    bool insecure;   /* https unverified, then http */
    bool plain;      /* http and nothing else */
    bool unverified; /* https unverified, no http */
    bool mirror;
    struct str prefix; /* of the path instead of "/v2", when `own_path` */
    bool own_path;
    struct str origin; /* sent as ?ns= when not empty (containerd's mirrors) */
    struct str ca_pem; /* trusted beside the system's */
    const char *certificate, *key;
};
typedef VECTOR(struct oci_endpoint) oci_endpoint_vector;

struct oci_registries;

/* registries.conf v2 from its text; drop-ins are added with another call. */
struct oci_registries *oci_registries_new(struct arena *arena);
bool oci_registries_add(struct oci_registries *registries, struct str text, const char *what, struct error *error);
/* This machine's files: $CONTAINERS_REGISTRIES_CONF, the user's, or /etc/containers/registries.conf, and the drop-ins. */
bool oci_registries_load(struct arena *arena, struct oci_registries **registries, struct error *error);

/* Mirrors in order, then the registry itself. "registry-blocked" is an error before any traffic. *matched says whether any
 * table speaks of the image. */
bool oci_registries_resolve(struct arena *arena, const struct oci_registries *registries, const struct oci_reference *reference,
                            oci_endpoint_vector *endpoints, bool *matched, struct error *error);

/* containerd's hosts.toml of a registry below `folder` (NULL: /etc/containerd/certs.d). False without error when there is
 * none. */
bool oci_hosts_resolve(struct arena *arena, const char *folder, const struct oci_reference *reference,
                       oci_endpoint_vector *endpoints, struct error *error);
/* Adds what certs.d knows of an endpoint's host: CAs and a client certificate. */
bool oci_certificates_add(struct arena *arena, const char *const *folders, size_t count, struct oci_endpoint *endpoint,
                          struct error *error);

/* docker's daemon.json: `registry-mirrors` come before the endpoints of docker.io, `insecure-registries` (host[:port], or a
 * network of addresses) marks those it names. */
bool oci_docker_settings_apply(struct arena *arena, struct str text, const char *what, const struct oci_reference *reference,
                               oci_endpoint_vector *endpoints, struct error *error);
/* By this machine's file: ~/.config/docker/daemon.json, else /etc/docker/daemon.json, if there is one. */
bool oci_docker_settings_load(struct arena *arena, const struct oci_reference *reference, oci_endpoint_vector *endpoints,
                              struct error *error);

/* All of the above for one image; docker's settings where neither registries.conf nor hosts.toml speaks of it. */
bool oci_endpoints_find(struct arena *arena, const struct oci_reference *reference, oci_endpoint_vector *endpoints,
                        struct error *error);

#endif
