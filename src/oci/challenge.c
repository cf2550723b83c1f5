#include "oci/challenge.h"

#define CHALLENGES_LIMIT 16
#define PARAMETERS_LIMIT 32

static bool is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static struct str lower(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.size + 1);
    str_lower_into(text, out);
    return str_make(out, text.size);
}

static bool refuse(struct error *error, const char *why)
{
    return error_set(error, ERROR_NETWORK, "challenge-invalid",
                     "the registry asks for authentication in a way that cannot be read: %s", why);
}

static void skip_blanks(struct str *rest)
{
    while (rest->size && is_blank(rest->data[0]))
        *rest = str_from(*rest, 1);
}

static struct str take_token(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && is_token(rest->data[size]))
        size++;
    struct str token = str_to(*rest, size);
    *rest = str_from(*rest, size);
    return token;
}

static bool take_quoted(struct arena *arena, struct str *rest, struct str *value, struct error *error)
{
    char *out = arena_alloc(arena, rest->size + 1);
    size_t size = 0;
    for (size_t i = 1; i < rest->size; i++) {
        char c = rest->data[i];
        if (c == '"') {
            *value = str_make(out, size);
            *rest = str_from(*rest, i + 1);
            return true;
        }
        if (c == '\\' && i + 1 < rest->size) c = rest->data[++i];
        out[size++] = c;
    }
    return refuse(error, "a quoted text does not end");
}

/* Values without quotes are read up to a comma or blank: realms are met so. */
static struct str take_bare(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && rest->data[size] != ',' && !is_blank(rest->data[size]))
        size++;
    struct str value = str_to(*rest, size);
    *rest = str_from(*rest, size);
    return value;
}

/* At "name =": a parameter, unless it is a token68 such as "abc==". */
static bool looks_like_parameter(struct str rest)
{
    if (!take_token(&rest).size) return false;
    skip_blanks(&rest);
    if (!rest.size || rest.data[0] != '=') return false;
    rest = str_from(rest, 1);
    skip_blanks(&rest);
    return rest.size && rest.data[0] != '=' && rest.data[0] != ',';
}

static bool read_parameter(struct arena *arena, struct str *rest, struct oci_challenge *challenge, struct error *error)
{
    struct http_header parameter = { .name = lower(arena, take_token(rest)) };
    skip_blanks(rest);
    *rest = str_from(*rest, 1); /* '=' */
    skip_blanks(rest);
    if (rest->data[0] == '"') {
        if (!take_quoted(arena, rest, &parameter.value, error)) return false;
    } else {
        parameter.value = arena_str(arena, take_bare(rest));
    }
    if (challenge->parameters.count >= PARAMETERS_LIMIT) return refuse(error, "it has too many parameters");
    *vector_push(arena, &challenge->parameters) = parameter;
    return true;
}

bool oci_challenge_parse(struct arena *arena, struct str rest, oci_challenge_vector *challenges, struct error *error)
{
    size_t before = challenges->count;
    for (;;) {
        while (rest.size && (is_blank(rest.data[0]) || rest.data[0] == ','))
            rest = str_from(rest, 1);
        if (!rest.size) break;
        if (challenges->count > before && looks_like_parameter(rest)) {
            if (!read_parameter(arena, &rest, &challenges->items[challenges->count - 1], error)) return false;
            continue;
        }
        struct str scheme = take_token(&rest);
        if (!scheme.size) return refuse(error, "a scheme has a wrong character");
        if (challenges->count >= CHALLENGES_LIMIT) return refuse(error, "it has too many challenges");
        *vector_push(arena, challenges) = (struct oci_challenge){ .scheme = lower(arena, scheme) };
        skip_blanks(&rest);
        if (rest.size && rest.data[0] != ',' && !looks_like_parameter(rest)) take_bare(&rest); /* token68 */
    }
    return challenges->count > before || refuse(error, "the challenge is empty");
}

struct str oci_challenge_get(const struct oci_challenge *challenge, const char *name)
{
    for (size_t i = 0; i < challenge->parameters.count; i++)
        if (str_is(challenge->parameters.items[i].name, name)) return challenge->parameters.items[i].value;
    return (struct str){ 0 };
}

bool oci_realm_check(struct arena *arena, struct str realm, const struct http_url *registry, struct http_url *url,
                     struct error *error)
{
    if (!http_url_parse(arena, realm, url, error)) return error_wrap(error, "the registry's token server");
    if (!url->tls && registry->tls)
        return error_set(error, ERROR_NETWORK, "realm-refused",
                         "the registry %.*s sends us to the token server %.*s over plain http", STR_ARG(registry->host),
                         STR_ARG(url->host));
    if (http_host_is_private(url->host) && !str_equal(url->host, registry->host))
        return error_set(error, ERROR_NETWORK, "realm-refused",
                         "the registry %.*s sends us to a token server at the private address %.*s", STR_ARG(registry->host),
                         STR_ARG(url->host));
    return true;
}

static bool read_rate(struct str value, uint64_t *number, uint64_t *window, bool *has_window)
{
    struct str rest = value, first = str_trim(str_cut(&rest, ';'));
    if (!str_to_u64(first, number)) return false;
    while (rest.data) {
        struct str parameter = str_trim(str_cut(&rest, ';'));
        if (str_starts(parameter, "w=") && str_to_u64(str_from(parameter, 2), window)) *has_window = true;
    }
    return true;
}

void oci_rate_limit_parse(struct str limit, struct str remaining, struct oci_rate_limit *rate)
{
    *rate = (struct oci_rate_limit){ 0 };
    rate->has_limit = read_rate(limit, &rate->limit, &rate->window, &rate->has_window);
    rate->has_remaining = read_rate(remaining, &rate->remaining, &rate->window, &rate->has_window);
}
