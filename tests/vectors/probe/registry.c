/* Verbs of the registry's small languages: challenge, credential, helper, link, ratelimit, registries, retryafter, toml. */
#include "probe.h"
#include "oci/oci.h"
#include "http/client/client.h"

static void put_error(struct json_writer *answer, const struct error *error)
{
    json_member_str(answer, "error", str_of(error->message));
    json_member_str(answer, "id", str_of(error->id));
}

/* {"registry": URL, "headers": […]} -> {"challenges": [{"scheme", parameters…}]} */
void probe_challenge(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct http_url registry, realm;
    oci_challenge_vector challenges = { 0 };
    bool good = http_url_parse(arena, json_str(request, "registry"), &registry, &error);
    JSON_EACH (header, json_get(request, "headers"))
        good = good && oci_challenge_parse(arena, json_value_str(header), &challenges, &error);
    for (size_t i = 0; good && i < challenges.count; i++)
        if (str_is(challenges.items[i].scheme, "bearer"))
            good = oci_realm_check(arena, oci_challenge_get(&challenges.items[i], "realm"), &registry, &realm, &error);
    json_open(answer, '{');
    if (!good) put_error(answer, &error);
    json_key(answer, "challenges");
    json_open(answer, '[');
    for (size_t i = 0; i < challenges.count; i++) {
        json_open(answer, '{');
        json_member_str(answer, "scheme", challenges.items[i].scheme);
        for (size_t p = 0; p < challenges.items[i].parameters.count; p++) {
            json_key_str(answer, challenges.items[i].parameters.items[p].name);
            json_put_str(answer, challenges.items[i].parameters.items[p].value);
        }
        json_close(answer, '}');
    }
    json_close(answer, ']');
    json_close(answer, '}');
}

/* {"value", "now"} -> {"seconds", "capped"} or {} */
void probe_retryafter(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    moment now = 0;
    uint64_t seconds;
    bool capped;
    clock_parse(json_str(request, "now"), &now);
    json_open(answer, '{');
    if (http_retry_after(json_str(request, "value"), now, &seconds, &capped)) {
        json_key(answer, "seconds");
        json_put_int(answer, (int64_t)seconds);
        json_member_bool(answer, "capped", capped);
    }
    json_close(answer, '}');
}

/* {"limit", "remaining"} -> the numbers that are there */
void probe_ratelimit(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct oci_rate_limit rate;
    oci_rate_limit_parse(json_str(request, "limit"), json_str(request, "remaining"), &rate);
    const struct {
        const char *name;
        bool has;
        uint64_t value;
    } numbers[] = { { "limit", rate.has_limit, rate.limit },
                    { "remaining", rate.has_remaining, rate.remaining },
                    { "window", rate.has_window, rate.window } };
    json_open(answer, '{');
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!numbers[i].has) continue;
        json_key(answer, numbers[i].name);
        json_put_int(answer, (int64_t)numbers[i].value);
    }
    json_close(answer, '}');
}

/* {"request": URL, "link"} -> {"next"} or {"error", "id"} or {} */
void probe_link(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct http_url url;
    struct str next;
    int found = http_url_parse(arena, json_str(request, "request"), &url, &error)
                    ? http_link_next(arena, &url, json_str(request, "link"), &next, &error)
                    : -1;
    json_open(answer, '{');
    if (found > 0) json_member_str(answer, "next", next);
    if (found < 0) put_error(answer, &error);
    json_close(answer, '}');
}

static void put_credential(struct json_writer *answer, const struct oci_credential *credential)
{
    json_member_str(answer, "username", credential->username);
    json_member_str(answer, "password", credential->password);
    json_member_str(answer, "identity_token", credential->identity_token);
    json_member_str(answer, "registry_token", credential->registry_token);
}

/* {"config": {…}, "image"} -> the credential, or the helper to ask */
void probe_credential(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct oci_reference reference;
    struct oci_credential credential = { 0 };
    struct oci_credential_helper helper;
    int found = -1;
    if (oci_reference_parse(arena, json_str(request, "image"), &reference, &error))
        found = oci_credential_lookup(arena, json_get(request, "config"), reference.registry, reference.repository, &credential,
                                      &helper, &error);
    json_open(answer, '{');
    if (found < 0) put_error(answer, &error);
    if (found == 1) put_credential(answer, &credential);
    if (found == 2) {
        json_member_str(answer, "helper", arena_strf(arena, "docker-credential-%.*s", STR_ARG(helper.name)));
        json_member_str(answer, "stdin", helper.server);
    }
    json_close(answer, '}');
}

/* {"exit", "stdout"} -> the credential */
void probe_helper(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct oci_credential credential = { 0 };
    int found = oci_credential_helper_answer(arena, (int)json_int(request, "exit", 0), json_str(request, "stdout"), &credential,
                                             &error);
    json_open(answer, '{');
    if (found < 0) put_error(answer, &error);
    if (found > 0) put_credential(answer, &credential);
    json_close(answer, '}');
}

/* {"conf": [TEXT, …], "image"} -> {"endpoints": [{"ref", "insecure"}]} */
void probe_registries(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct oci_reference reference;
    struct oci_registries *registries = oci_registries_new(arena);
    oci_endpoint_vector endpoints = { 0 };
    bool matched, good = oci_reference_parse(arena, json_str(request, "image"), &reference, &error);
    JSON_EACH (text, json_get(request, "conf"))
        good = good && oci_registries_add(registries, json_value_str(text), "registries.conf", &error);
    good = good && oci_registries_resolve(arena, registries, &reference, &endpoints, &matched, &error);
    json_open(answer, '{');
    if (!good) put_error(answer, &error);
    json_key(answer, "endpoints");
    json_open(answer, '[');
    for (size_t i = 0; good && i < endpoints.count; i++) {
        struct oci_reference there = reference;
        there.registry = endpoints.items[i].host;
        there.repository = endpoints.items[i].repository;
        json_open(answer, '{');
        json_member_str(answer, "ref", oci_reference_canonical(arena, &there));
        json_key(answer, "insecure");
        json_put_bool(answer, endpoints.items[i].insecure);
        json_close(answer, '}');
    }
    json_close(answer, ']');
    json_close(answer, '}');
}

/* {"text"} -> {"value"} or {"error"} */
void probe_toml(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    CLEANUP_JSON yyjson_doc *document = toml_parse(json_str(request, "text"), "text", &error);
    json_open(answer, '{');
    if (document) {
        json_key(answer, "value");
        json_put_value(answer, yyjson_doc_get_root(document));
    } else {
        put_error(answer, &error);
    }
    json_close(answer, '}');
}
