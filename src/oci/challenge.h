/* What a registry says about itself in headers: authentication challenges and rate limits (registry.md §4.1, §5.4). */
#ifndef OCI_CHALLENGE_H
#define OCI_CHALLENGE_H

#include "http/client/client.h"

struct oci_challenge {
    struct str scheme;                     /* lower-case */
    VECTOR(struct http_header) parameters; /* names lower-case, values without quotes */
};
typedef VECTOR(struct oci_challenge) oci_challenge_vector;

/* One WWW-Authenticate value, which may hold several challenges; they are added to the list. */
bool oci_challenge_parse(struct arena *arena, struct str value, oci_challenge_vector *challenges, struct error *error);
struct str oci_challenge_get(const struct oci_challenge *challenge, const char *name);
/* A bearer realm comes from the network: http only where the registry itself is plain http, and no private address but the
 * registry's own host. */
bool oci_realm_check(struct arena *arena, struct str realm, const struct http_url *registry, struct http_url *url,
                     struct error *error);

struct oci_rate_limit {
    bool has_limit, has_remaining, has_window;
    uint64_t limit, remaining, window; /* pulls, pulls, seconds */
};
/* "100;w=21600" and "76;w=21600"; what cannot be read is absent. */
void oci_rate_limit_parse(struct str limit, struct str remaining, struct oci_rate_limit *rate);

#endif
