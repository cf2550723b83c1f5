/* End-of-life dates: endoflife.date (its public API and the reduced shape with `releaseCycle`), and the distro-info files of
 * Debian and Ubuntu, which know long-term and extended support apart (feeds.md §1.3). */
#include "scan/advisory/feed.h"

/* ---- endoflife.date ---- */

static const struct product {
    const char *product, *family;
    const char *date, *api_date; /* member with the end that users mean */
    const char *extended;        /* suffix of a second release key with the end of paid support; NULL: none */
} products[] = {
    { "almalinux", "alma", "eol", "eolFrom", NULL },
    { "alpine-linux", "alpine", "eol", "eolFrom", NULL },
    { "amazon-linux", "amazon", "eol", "eolFrom", NULL },
    { "centos", "centos", "eol", "eolFrom", NULL },
    { "centos-stream", "centos-stream", "eol", "eolFrom", NULL },
    { "debian", "debian", "eoes", "eoesFrom", NULL }, /* long-term support brings the same packages to everyone */
    { "fedora", "fedora", "eol", "eolFrom", NULL },
    { "opensuse", "opensuse-leap", "eol", "eolFrom", NULL },
    { "oracle-linux", "oracle", "eol", "eolFrom", NULL },
    { "rhel", "redhat", "eoes", "eoesFrom", NULL }, /* errata go on to the end of extended support */
    { "rocky-linux", "rocky", "eol", "eolFrom", NULL },
    { "sles", "sles", "eol", "eolFrom", NULL },
    { "suse-linux-micro", "slem", "eol", "eolFrom", NULL },
    { "ubuntu", "ubuntu", "eol", "eolFrom", "-ESM" },
    { "vmware-photon", "photon", "eol", "eolFrom", NULL },
};

static bool is_date(struct str text)
{
    moment ignored;
    return text.size == 10 && clock_parse(text, &ignored);
}

static void put_product_release(struct feed_run *run, const struct product *product, yyjson_val *release)
{
    struct str cycle = json_str(release, "releaseCycle");
    bool api = str_empty(cycle);
    if (api) cycle = json_str(release, "name");
    struct str date = json_str(release, api ? product->api_date : product->date);
    if (str_empty(cycle) || cycle.size > 32) return;
    if (is_date(date)) feed_put_end(run, str_of(product->family), cycle, date, STR("endoflife.date"));
    date = json_str(release, api ? "eoesFrom" : "eoes");
    if (!product->extended || !is_date(date)) return;
    feed_put_end(run, str_of(product->family), arena_strf(run->arena, "%.*s%s", STR_ARG(cycle), product->extended), date,
                 STR("endoflife.date"));
}

static bool put_product(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = json_parse(value, JSON_INSITU, "a product of endoflife.date", error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        if (!str_is(json_str(root, "name"), products[i].product)) continue;
        JSON_EACH (release, json_get(root, "releases"))
            put_product_release(run, &products[i], release);
    }
    return true;
}

static bool note_head(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    if (str_is(key, "generated_at")) run->as_of = arena_str(run->arena, value);
    return true;
}

static bool endoflife_read(struct feed_run *run, struct error *error)
{
    return feed_each_member(run, &run->inputs[0], "products|result", put_product, note_head, NULL, error);
}

const struct feed_reader feed_endoflife = { .name = "endoflife", .read = endoflife_read };

/* ---- distro-info ---- */

#define COLUMNS 12

struct distro {
    const char *file, *family;
    const char *columns[2]; /* the date: the first of these that the line has */
    const char *extended;   /* column of paid support, under "<release>-ESM" */
};

static const struct distro distros[] = {
    { "debian.csv", "debian", { "eol-lts", "eol" }, NULL },
    { "ubuntu.csv", "ubuntu", { "eol" }, "eol-esm" },
};

static struct str column(const struct str *heads, const struct str *cells, const char *name)
{
    for (size_t i = 0; name && i < COLUMNS; i++)
        if (str_is(heads[i], name)) return cells[i];
    return (struct str){ 0 };
}

static void put_line(struct feed_run *run, const struct distro *distro, const struct str *heads, const struct str *cells)
{
    struct str release = column(heads, cells, "version"), date = { 0 };
    release = str_word(&release); /* "16.04 LTS" */
    for (size_t i = 0; i < 2 && !is_date(date); i++)
        date = column(heads, cells, distro->columns[i]);
    if (str_empty(release)) return;
    if (is_date(date)) feed_put_end(run, str_of(distro->family), release, date, STR("distro-info-data"));
    date = column(heads, cells, distro->extended);
    if (is_date(date))
        feed_put_end(run, str_of(distro->family), arena_strf(run->arena, "%.*s-ESM", STR_ARG(release)), date,
                     STR("distro-info-data"));
}

static void split(struct str line, struct str cells[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = line.data ? str_trim(str_cut(&line, ',')) : (struct str){ 0 };
}

static bool put_file(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    for (size_t i = 0; i < sizeof distros / sizeof *distros; i++) {
        if (!str_is(path_base(path), distros[i].file)) continue;
        struct str rest = buffer_view(content), heads[COLUMNS], cells[COLUMNS];
        split(str_line(&rest), heads);
        while (rest.data) {
            split(str_line(&rest), cells);
            put_line(run, &distros[i], heads, cells);
        }
    }
    return true;
}

static bool distro_info_read(struct feed_run *run, struct error *error)
{
    for (size_t i = 0; i < run->input_count; i++)
        if (!feed_each_file(run, &run->inputs[i], ".csv", put_file, NULL, error)) return false;
    return true;
}

const struct feed_reader feed_distro_info = { .name = "distro-info", .read = distro_info_read };
