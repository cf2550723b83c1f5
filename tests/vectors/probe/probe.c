#include "probe.h"

#include <stdio.h>
#include <stdlib.h>

static void echo(struct arena *arena, yyjson_val *request, struct json_writer *answer) { json_put_value(answer, request); }

static const struct {
    const char *verb;
    probe_function *answer;
} verbs[] = {
    { "artifact", probe_artifact },
    { "bbolt", probe_bbolt },
    { "challenge", probe_challenge },
    { "credential", probe_credential },
    { "cvss", probe_cvss },
    { "echo", echo },
    { "helper", probe_helper },
    { "image", probe_image },
    { "inventory", probe_inventory },
    { "link", probe_link },
    { "manifest", probe_manifest },
    { "platform", probe_platform },
    { "ratelimit", probe_ratelimit },
    { "reference", probe_reference },
    { "registries", probe_registries },
    { "retryafter", probe_retryafter },
    { "rpmdb", probe_rpmdb },
    { "toml", probe_toml },
    { "version", probe_version },
};

static probe_function *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].verb, name) == 0) return verbs[i].answer;
    fprintf(stderr, "probe: no verb %s\n", name);
    exit(2);
}

int main(int count, char **arguments)
{
    if (count != 2) return 2;
    probe_function *answer = find_verb(arguments[1]);
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t size; (size = getline(&line, &capacity, stdin)) > 0;) {
        CLEANUP_ARENA struct arena *arena = arena_new();
        CLEANUP_BUFFER struct buffer out = { 0 };
        struct json_writer writer = { .out = &out };
        struct error error = { 0 };
        CLEANUP_JSON yyjson_doc *request = json_parse(str_make(line, (size_t)size), 0, "request", &error);
        if (!request) {
            fprintf(stderr, "probe: %s\n", error.message);
            free(line);
            return 2;
        }
        answer(arena, yyjson_doc_get_root(request), &writer);
        buffer_char(&out, '\n');
        fwrite(out.data, 1, out.size, stdout);
        fflush(stdout);
    }
    free(line);
    return 0;
}
