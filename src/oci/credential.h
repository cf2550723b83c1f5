/* Credentials for registries: docker's and containers' files, and credential helpers (registry.md §4.3). */
#ifndef OCI_CREDENTIAL_H
#define OCI_CREDENTIAL_H

#include "base/base.h"
#include "doc/doc.h"

struct oci_credential {
    struct str username, password;
    struct str identity_token; /* a refresh token */
    struct str registry_token; /* sent as Bearer as it is */
};

struct oci_credential_helper {
    struct str name;   /* docker-credential-NAME */
    struct str server; /* what it is asked for */
};

/* In one parsed file. 1: credential; 2: a helper must be asked; 0: nothing; -1: error. Most specific key first: the
 * repository's path, its parents, the host. */
int oci_credential_lookup(struct arena *arena, yyjson_val *config, struct str registry, struct str repository,
                          struct oci_credential *credential, struct oci_credential_helper *helper, struct error *error);
/* What a helper said. 1: credential; 0: it has none; -1: error. */
int oci_credential_helper_answer(struct arena *arena, int status, struct str output, struct oci_credential *credential,
                                 struct error *error);

/* In all files, in their order of precedence; helpers are run. 1, 0 or -1. */
int oci_credential_find(struct arena *arena, struct str registry, struct str repository, struct oci_credential *credential,
                        struct error *error);

/* Keeps or forgets credentials in docker's config.json, or with the helper it names. `registry` as typed. */
bool oci_credential_store(struct arena *arena, struct str registry, struct str username, struct str password,
                          struct error *error);
/* *known says whether there was something to forget. */
bool oci_credential_erase(struct arena *arena, struct str registry, bool *known, struct error *error);

#endif
