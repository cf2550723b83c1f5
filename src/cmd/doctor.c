/* pratique doctor: looks at what scans stand on, and says what to do. */
#include "cmd/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *const words[VERDICTS] = { "ok", "note", "warning", "failure" };

void doctor_say(struct doctor *doctor, const char *subject, enum verdict verdict, const char *advice, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_make_printable(text, strlen(text));
    *vector_push(doctor->arena, &doctor->findings) =
        (struct finding_of_doctor){ subject, verdict, arena_strdup(doctor->arena, text), advice };
}

static bool is_sound(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->findings.count; i++)
        if (doctor->findings.items[i].verdict == VERDICT_FAILURE) return false;
    return true;
}

#define TEXT_COLUMN 21

/* Further lines stand below the first; `width` 0: there are none. */
static void print_text(struct arena *arena, const char *mark, const char *text, unsigned width)
{
    size_t column = TEXT_COLUMN + strlen(mark);
    struct str lines = width > column + 20 ? cli_wrap(arena, str_of(text), width - column, false) : str_of(text);
    for (bool first = true; lines.data; first = false) {
        struct str line = str_cut(&lines, '\n');
        printf("%*s%s%.*s\n", first ? 0 : (int)column, "", first ? mark : "", STR_ARG(line));
    }
}

static void print_table(const struct doctor *doctor)
{
    static const char *const colours[VERDICTS] = { "32", "36", "33", "31" };
    bool colour = cli_wants_colour(STDOUT_FILENO);
    unsigned width = cli_width(STDOUT_FILENO);
    for (size_t i = 0; i < doctor->findings.count; i++) {
        const struct finding_of_doctor *one = &doctor->findings.items[i];
        printf("%s%s%s%-8s%s%-12s ", colour ? "\033[" : "", colour ? colours[one->verdict] : "", colour ? "m" : "",
               words[one->verdict], colour ? "\033[0m" : "", one->subject);
        print_text(doctor->arena, "", one->found, width);
        if (!one->advice) continue;
        printf("%*s", TEXT_COLUMN, "");
        print_text(doctor->arena, "-> ", one->advice, width);
    }
    printf("\n%s\n", is_sound(doctor) ? "Scans can run." : "Something will not work: see the failures above.");
}

static void print_json(const struct doctor *doctor)
{
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct json_writer writer = { .out = &out, .indent = 2 };
    json_open(&writer, '{');
    json_key(&writer, "SchemaVersion");
    json_put_int(&writer, 1);
    json_key(&writer, "Version");
    json_put_text(&writer, PRATIQUE_VERSION);
    json_key(&writer, "Sound");
    json_put_bool(&writer, is_sound(doctor));
    json_key(&writer, "Checks");
    json_open(&writer, '[');
    for (size_t i = 0; i < doctor->findings.count; i++) {
        const struct finding_of_doctor *one = &doctor->findings.items[i];
        json_open(&writer, '{');
        json_member_str(&writer, "Subject", str_of(one->subject));
        json_member_str(&writer, "Verdict", str_of(words[one->verdict]));
        json_member_str(&writer, "Found", str_of(one->found));
        json_member_str(&writer, "Advice", str_of(one->advice));
        json_close(&writer, '}');
    }
    json_close(&writer, ']');
    json_close(&writer, '}');
    printf("%s\n", buffer_cstr(&out));
}

static int run_doctor(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    if (!command_takes(command, settings, 0, count, arguments, &error)) return command_fail(&error);
    struct doctor doctor = { settings, settings->arena, clock_now() };
    if (settings->timeout) command_limit_time(settings->timeout);
    for (size_t i = 0; i < doctor_check_count; i++)
        doctor_checks[i](&doctor);
    cli_progress_clear();
    if (strcmp(settings->format, "json") == 0)
        print_json(&doctor);
    else
        print_table(&doctor);
    return is_sound(&doctor) ? 0 : 1;
}

#define AT(member) offsetof(struct settings, member)

static const struct option options_doctor[] = {
    { "db-file", 0, OPTION_TEXT, AT(db_file), "FILE", "look at this database", .trust = TRUST_NAMED },
    { "docker-host", 0, OPTION_TEXT, AT(docker_host), "ADDRESS", "the Docker daemon's socket", .config = "image.docker.host",
      .trust = TRUST_NAMED },
    { "mirror", 0, OPTION_TEXTS, AT(mirrors), "FROM=TO", "as scans have it", .config = "db.mirror", .trust = TRUST_NAMED },
    { "offline", 0, OPTION_FLAG, AT(offline), NULL, "do not try the network" },
    { "podman-host", 0, OPTION_TEXT, AT(podman_host), "ADDRESS", "Podman's socket", .config = "image.podman.host",
      .trust = TRUST_NAMED },
    { 0 },
};

static const struct option *const groups[] = { options_doctor, options_json, options_global, NULL };
const struct command command_doctor = {
    "doctor",
    NULL,
    "Looks at what scans stand on, and says what to do",
    "  pratique doctor\n  pratique doctor --offline -f json\n",
    groups,
    run_doctor,
};
