/* Verb "rpmdb": {"file": PATH} → the headers of a database of RPM: {"packages": […], "error": id or null}. */
#include "probe.h"

#include "scan/inventory/rpm_database.h"

static const struct {
    const char *name;
    enum rpm_tag tag;
} texts[] = {
    { "name", RPM_NAME },       { "version", RPM_VERSION }, { "release", RPM_RELEASE },
    { "arch", RPM_ARCH },       { "sourcerpm", RPM_SOURCERPM }, { "vendor", RPM_VENDOR },
    { "license", RPM_LICENSE }, { "modularitylabel", RPM_MODULARITYLABEL },
}, lists[] = {
    { "basenames", RPM_BASENAMES }, { "dirnames", RPM_DIRNAMES },  { "oldfilenames", RPM_OLDFILENAMES },
    { "provides", RPM_PROVIDENAME }, { "requires", RPM_REQUIRENAME },
}, numbers[] = {
    { "epoch", RPM_EPOCH }, { "size", RPM_SIZE }, { "installtime", RPM_INSTALLTIME },
};

static void write_numbers(struct json_writer *answer, const struct rpm_header *header)
{
    uint32_t number;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        json_key(answer, numbers[i].name);
        if (rpm_header_int(header, numbers[i].tag, 0, &number))
            json_put_int(answer, number);
        else
            json_put_null(answer);
    }
    json_key(answer, "dirindexes");
    json_open(answer, '[');
    for (uint32_t i = 0; rpm_header_int(header, RPM_DIRINDEXES, i, &number); i++)
        json_put_int(answer, number);
    json_close(answer, ']');
}

static size_t damaged;

static void visit(void *context, struct str blob)
{
    struct json_writer *answer = context;
    struct rpm_header header;
    if (!rpm_header_parse(blob, &header)) { /* as the scanner: said, and the others stay */
        damaged++;
        return;
    }
    json_open(answer, '{');
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_key(answer, texts[i].name);
        json_put_str(answer, rpm_header_string(&header, texts[i].tag));
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct rpm_strings list = rpm_header_strings(&header, lists[i].tag);
        json_key(answer, lists[i].name);
        json_open(answer, '[');
        for (struct str text; rpm_strings_next(&list, &text);)
            json_put_str(answer, text);
        json_close(answer, ']');
    }
    write_numbers(answer, &header);
    struct str sum = rpm_header_binary(&header, RPM_SIGMD5);
    char hex[33] = "";
    json_key(answer, "sigmd5");
    json_put_text(answer, sum.size == 16 ? hex_encode((const uint8_t *)sum.data, 16, hex) : "");
    json_close(answer, '}');
}

void probe_rpmdb(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct str content, log = { 0 };
    struct error error = { 0 };
    damaged = 0;
    const char *file = arena_cstr(arena, json_str(request, "file"));
    file_read(arena, arena_printf(arena, "%s-wal", file), (size_t)512 << 20, &log, &error); /* seldom there */
    error = (struct error){ 0 };
    json_open(answer, '{');
    json_key(answer, "packages");
    json_open(answer, '[');
    bool good =
        file_read(arena, file, (size_t)512 << 20, &content, &error) && rpm_database_each(content, log, visit, answer, &error);
    json_close(answer, ']');
    json_member_int(answer, "damaged", (int64_t)damaged);
    json_key(answer, "error");
    if (good)
        json_put_null(answer);
    else
        json_put_text(answer, error.id);
    json_close(answer, '}');
}
