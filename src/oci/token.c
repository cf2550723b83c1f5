/* Bearer tokens and Basic credentials (registry.md §4.2). */
#include "oci/session.h"

#define ANSWER_LIMIT ((size_t)64 << 10)
#define SHORTEST_LIFE 60
#define MARGIN 10
#define CLIENT_ID "pratique"

static struct str basic(struct arena *arena, struct str username, struct str password)
{
    struct str plain = arena_strf(arena, "%.*s:%.*s", STR_ARG(username), STR_ARG(password));
    char *encoded = base64_encode((const uint8_t *)plain.data, plain.size, arena_alloc(arena, (plain.size + 2) / 3 * 4 + 1));
    return arena_strf(arena, "Basic %s", encoded);
}

/* An identity token serves as a password where there is no token server. */
static struct str basic_of(struct arena *arena, const struct oci_credential *credential)
{
    struct str password = credential->password.size ? credential->password : credential->identity_token;
    return basic(arena, credential->username.size ? credential->username : STR("<token>"), password);
}

/* ---- the cache; with the session's lock ---- */

static struct token *find_token(struct session *session, struct str scope)
{
    for (size_t i = 0; i < session->tokens.count; i++) {
        struct token *token = &session->tokens.items[i];
        if (str_equal(token->scope, scope) && token->text.size && token->good_until > clock_now()) return token;
    }
    return NULL;
}

static void keep_token(struct session *session, struct str key, struct str scope, struct str text, moment good_until)
{
    struct token *place = NULL;
    for (size_t i = 0; i < session->tokens.count && !place; i++)
        if (str_equal(session->tokens.items[i].key, key) && str_equal(session->tokens.items[i].scope, scope))
            place = &session->tokens.items[i];
    if (!place) {
        place = vector_push(session->arena, &session->tokens);
        place->key = arena_str(session->arena, key);
        place->scope = arena_str(session->arena, scope);
    }
    place->text = arena_str(session->arena, text);
    place->good_until = good_until;
}

/* ---- asking the token server ---- */

struct question {
    struct session *session;
    struct arena *arena;
    struct http_url realm;
    struct str service, scopes[2];
    size_t scope_count;
    bool with_credential;
};

static bool send_credential(void *context, const struct http_stream *challenge, struct arena *arena, struct str *value,
                            struct error *error)
{
    const struct question *question = context;
    if (challenge) return false; /* the answer stays 401 */
    if (question->with_credential) *value = basic_of(arena, &question->session->credential);
    return true;
}

static bool fetch(struct question *question, struct http_request *request, struct str *body, unsigned *status,
                  struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    bool own_host = str_equal(question->realm.host, question->session->base.host);
    struct http_client *client = own_host ? question->session->client : question->session->outside;
    request->flags = HTTP_NO_PRIVATE;
    if (!http_fetch(client, question->arena, request, ANSWER_LIMIT, body, &stream, error))
        return error_wrap(error, "the registry's token server");
    *status = http_status(stream);
    return true;
}

static void add_parameter(struct question *question, struct buffer *out, const char *name, struct str value)
{
    if (!value.size) return;
    buffer_printf(out, "%s%s=", out->size ? "&" : "", name);
    buffer_str(out, http_encode(question->arena, value, ""));
}

static bool ask_by_get(struct question *question, struct str *body, unsigned *status, struct error *error)
{
    CLEANUP_BUFFER struct buffer query = { 0 };
    struct http_url url = question->realm;
    if (url.query.size) buffer_str(&query, url.query);
    add_parameter(question, &query, "service", question->service);
    for (size_t i = 0; i < question->scope_count; i++)
        add_parameter(question, &query, "scope", question->scopes[i]);
    add_parameter(question, &query, "client_id", STR(CLIENT_ID));
    if (question->with_credential) add_parameter(question, &query, "account", question->session->credential.username);
    url.query = buffer_view(&query);
    struct http_request request = { .url = http_url_text(question->arena, &url),
                                    .authorize = send_credential,
                                    .context = question };
    return fetch(question, &request, body, status, error);
}

static bool ask_by_post(struct question *question, struct str *body, unsigned *status, struct error *error)
{
    static const struct http_header form[] = { { { "Content-Type", 12 }, { "application/x-www-form-urlencoded", 33 } } };
    CLEANUP_BUFFER struct buffer fields = { 0 };
    str_vector scopes = { 0 };
    for (size_t i = 0; i < question->scope_count; i++)
        *vector_push(question->arena, &scopes) = question->scopes[i];
    add_parameter(question, &fields, "grant_type", STR("refresh_token"));
    add_parameter(question, &fields, "service", question->service);
    add_parameter(question, &fields, "client_id", STR(CLIENT_ID));
    add_parameter(question, &fields, "scope", str_join(question->arena, &scopes, " "));
    add_parameter(question, &fields, "refresh_token", question->session->credential.identity_token);
    struct http_request request = { .method = "POST",
                                    .url = http_url_text(question->arena, &question->realm),
                                    .headers = form,
                                    .header_count = 1,
                                    .body = buffer_view(&fields) };
    return fetch(question, &request, body, status, error);
}

static bool ask(struct question *question, struct str *body, unsigned *status, struct error *error)
{
    if (question->with_credential && question->session->credential.identity_token.size) {
        if (!ask_by_post(question, body, status, error)) return false;
        /* Servers that only know GET: 404, 405, and Harbor's 403. */
        if (*status != 404 && *status != 405 && *status != 403) return true;
    }
    return ask_by_get(question, body, status, error);
}

static bool read_token(struct question *question, struct str body, struct str *text, moment *good_until, struct error *error)
{
    yyjson_doc *document = json_parse_in(question->arena, body, "the token server's answer", error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    *text = json_str(root, "token");
    if (!text->size) *text = json_str(root, "access_token");
    if (!text->size)
        return error_set(error, ERROR_NETWORK, "token-missing", "the registry's token server %.*s answers without a token",
                         STR_ARG(question->realm.host));
    int64_t life = json_int(root, "expires_in", 0);
    if (life < SHORTEST_LIFE) life = SHORTEST_LIFE;
    if (life > 86400) life = 86400;
    moment issued, now = clock_now();
    if (!clock_parse(json_str(root, "issued_at"), &issued) || issued > now) issued = now;
    int64_t margin = life / 10 > MARGIN ? life / 10 : MARGIN;
    *good_until = issued + (life - margin) * SECOND;
    return true;
}

static bool refused(const struct question *question, unsigned status, struct error *error)
{
    struct session *session = question->session;
    bool denied = status == 401 || status == 403 || status == 400;
    error_set(error, denied ? ERROR_DENIED : ERROR_NETWORK, denied ? "credentials-refused" : "http-status",
              "the token server %.*s of %.*s answers %u%s", STR_ARG(question->realm.host), STR_ARG(session->endpoint.host),
              status,
              !denied                     ? ""
              : question->with_credential ? ": it refuses the credentials"
                                          : ": it gives nothing without credentials");
    return denied ? error_hint(error, "log in: pratique login %.*s", STR_ARG(session->endpoint.host)) : false;
}

/* A credential goes to another host only over what the registry said on a verified connection. */
static bool may_send_credential(const struct question *question, struct error *error)
{
    const struct session *session = question->session;
    if (str_equal(question->realm.host, session->base.host) || (session->base.tls && !session->settings.insecure)) return true;
    error_set(error, ERROR_DENIED, "realm-unverified",
              "%.*s, whose connection is not verified, wants its credentials sent to %.*s", STR_ARG(session->endpoint.host),
              STR_ARG(question->realm.host));
    return error_hint(error, "give the registry a certificate that can be verified (--cacert)");
}

static bool get_token(struct session *session, struct arena *arena, const struct oci_challenge *bearer, struct str scope,
                      struct str *value, struct error *error)
{
    struct question question = { .session = session, .arena = arena, .service = oci_challenge_get(bearer, "service") };
    struct str body, text, asked = oci_challenge_get(bearer, "scope");
    moment good_until = 0;
    unsigned status = 0;
    if (!oci_realm_check(arena, oci_challenge_get(bearer, "realm"), &session->base, &question.realm, error)) return false;
    /* Some servers honour the first scope alone: the one needed now. */
    if (scope.size) question.scopes[question.scope_count++] = scope;
    if (asked.size && !str_equal(asked, scope)) question.scopes[question.scope_count++] = asked;
    question.with_credential = session->has_credential;
    if (question.with_credential && !may_send_credential(&question, error)) return false;
    if (!ask(&question, &body, &status, error)) return false;
    if (status != 200) return refused(&question, status, error);
    if (!read_token(&question, body, &text, &good_until, error)) return false;
    pthread_mutex_lock(&session->lock);
    keep_token(session, http_url_text(arena, &question.realm), scope, text, good_until);
    pthread_mutex_unlock(&session->lock);
    *value = arena_strf(arena, "Bearer %.*s", STR_ARG(text));
    return true;
}

/* ---- the door ---- */

static bool read_challenges(const struct http_stream *stream, struct arena *arena, oci_challenge_vector *challenges,
                            struct error *error)
{
    struct str value;
    struct error problem = { 0 };
    for (size_t position = 0; http_header_next(stream, "WWW-Authenticate", &position, &value);)
        oci_challenge_parse(arena, value, challenges, &problem);
    if (challenges->count || problem.kind == ERROR_NONE) return true;
    *error = problem;
    return false;
}

static const struct oci_challenge *find_scheme(const oci_challenge_vector *challenges, const char *scheme)
{
    for (size_t i = 0; i < challenges->count; i++)
        if (str_is(challenges->items[i].scheme, scheme)) return &challenges->items[i];
    return NULL;
}

static bool use_basic(struct session *session, struct arena *arena, struct str *value)
{
    if (!session->has_credential) return false;
    pthread_mutex_lock(&session->lock);
    bool tried = session->basic;
    session->basic = true;
    pthread_mutex_unlock(&session->lock);
    *value = basic_of(arena, &session->credential);
    return !tried; /* sent before and refused: the 401 stands */
}

bool token_authorize(struct session *session, struct str scope, const struct http_stream *challenge, struct arena *arena,
                     struct str *value, struct error *error)
{
    if (!challenge) {
        pthread_mutex_lock(&session->lock);
        struct token *token = find_token(session, scope);
        if (token)
            *value = arena_strf(arena, "Bearer %.*s", STR_ARG(token->text));
        else if (session->credential.registry_token.size)
            *value = arena_strf(arena, "Bearer %.*s", STR_ARG(session->credential.registry_token));
        else if (session->basic)
            *value = basic_of(arena, &session->credential);
        pthread_mutex_unlock(&session->lock);
        return true;
    }
    oci_challenge_vector challenges = { 0 };
    if (!read_challenges(challenge, arena, &challenges, error)) return false;
    const struct oci_challenge *bearer = find_scheme(&challenges, "bearer");
    if (bearer && !session->credential.registry_token.size) return get_token(session, arena, bearer, scope, value, error);
    return (find_scheme(&challenges, "basic") || !challenges.count) && use_basic(session, arena, value);
}
