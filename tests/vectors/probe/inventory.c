/* Verb "inventory": {"root": FOLDER} → what is installed in the folder, as the report has it. */
#include "probe.h"

#include <ftw.h>
#include <stdlib.h>
#include "scan/inventory/inventory.h"

static struct {
    struct arena *arena;
    size_t root_size;
    struct inventory_options options;
    fragment_vector fragments;
    problem_vector problems;
} walk;

static int visit(const char *name, const struct stat *status, int type, struct FTW *place)
{
    struct str path = str_of(name + walk.root_size + 1), content;
    struct error error = { 0 };
    if (type != FTW_F) return 0;
    uint64_t wanted = inventory_wants(&walk.options, path);
    if (!wanted) return 0;
    if (!file_read(walk.arena, name, (size_t)256 << 20, &content, &error)) return 1;
    inventory_read(walk.arena, &walk.options, wanted, path, content, &walk.fragments, &walk.problems);
    return 0;
}

static void write_application(struct json_writer *answer, const struct application *application)
{
    json_open(answer, '{');
    json_member_str(answer, "Type", application->type);
    json_key(answer, "Packages");
    json_open(answer, '[');
    for (size_t i = 0; i < application->packages.count; i++)
        package_write(answer, application->packages.items[i]);
    json_close(answer, ']');
    json_close(answer, '}');
}

static void write_inventory(struct json_writer *answer, const struct inventory *inventory)
{
    json_open(answer, '{');
    json_key(answer, "OS");
    json_open(answer, '{');
    json_member_str(answer, "Family", inventory->os.family);
    json_member_str(answer, "Name", inventory->os.name);
    json_member_bool(answer, "extended", inventory->os.extended);
    json_close(answer, '}');
    json_key(answer, "Results");
    json_open(answer, '[');
    for (size_t i = 0; i < inventory->applications.count; i++)
        write_application(answer, &inventory->applications.items[i]);
    json_close(answer, ']');
    json_close(answer, '}');
}

/* Through the cache's JSON and back, as every real scan goes. */
static void pass_cache(struct arena *arena, fragment_vector *fragments)
{
    CLEANUP_BUFFER struct buffer main = { 0 }, files = { 0 };
    struct layer_content content = { .diff_id = STR("") }, back = { 0 };
    struct error error = { 0 };
    content.fragments.items = fragments->items;
    content.fragments.count = fragments->count;
    layer_content_write(&main, &content, LAYER_MAIN);
    layer_content_write(&files, &content, LAYER_FILES);
    if (!layer_content_read(arena, buffer_view(&main), &back, &error) ||
        !layer_content_read(arena, buffer_view(&files), &back, &error)) {
        fprintf(stderr, "probe: %s\n", error.message);
        exit(2);
    }
    fragments->items = back.fragments.items;
    fragments->count = back.fragments.count;
}

void probe_inventory(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    const char *root = arena_cstr(arena, json_str(request, "root"));
    walk = (__typeof__(walk)){ .arena = arena, .root_size = strlen(root), .options.scope = SCOPE_OS | SCOPE_INSTALLED };
    nftw(root, visit, 32, FTW_PHYS);
    pass_cache(arena, &walk.fragments);
    placed_vector placed = { 0 };
    for (size_t i = 0; i < walk.fragments.count; i++)
        vector_push(arena, &placed)->fragment = &walk.fragments.items[i];
    struct inventory_finish_options options = { .os_packages = true, .library_packages = true };
    struct inventory inventory = { 0 };
    struct error error = { 0 };
    inventory_finish(arena, &placed, &options, &inventory, &error);
    write_inventory(answer, &inventory);
}
