/* Python: the metadata of an installed package (scan.md §8; core metadata, an RFC 822 header). */
#include "scan/inventory/catalogue.h"

/* "License :: OSI Approved :: MIT License" → "MIT License"; the bare group says nothing. */
static struct str classifier_licence(struct str value)
{
    static const struct str separator = { " :: ", 4 };
    if (!str_starts(value, "License :: ")) return (struct str){ 0 };
    for (ptrdiff_t at; (at = str_find_text(value, separator)) >= 0;)
        value = str_trim(str_from(value, (size_t)at + separator.size));
    return str_is(value, "OSI Approved") ? (struct str){ 0 } : value;
}

static void licences_read(struct arena *arena, const stanza *header, str_vector *licences)
{
    struct str expression = stanza_get(header, "License-Expression");
    if (expression.size) {
        licence_split(arena, expression, licences);
        return;
    }
    for (size_t i = 0; i < header->count; i++)
        if (str_is_nocase(header->items[i].name, "Classifier"))
            licence_split(arena, classifier_licence(header->items[i].value), licences);
    struct str field = stanza_get(header, "License");
    if (!licences->count) licence_split(arena, str_trim(str_line(&field)), licences);
}

static bool python_package_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                struct error *error)
{
    stanza header = { 0 };
    stanza_next(arena, &content, &header, NULL);
    struct str name = stanza_get(&header, "Name"), version = stanza_get(&header, "Version");
    if (!name.size || !version.size)
        return error_set(error, ERROR_INVALID, "python-metadata-invalid",
                         "metadata of a Python package without Name or Version");
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_PACKAGES, path, &cataloguer_python_package);
    struct package *package = vector_push(arena, &fragment->packages);
    package->name = arena_str(arena, name);
    package->version = arena_str(arena, version);
    package->file_path = fragment->path;
    package->analyzed_by = str_of(cataloguer_python_package.name);
    licences_read(arena, &header, &package->licenses);
    return true;
}

const struct cataloguer cataloguer_python_package = {
    .name = "python-pkg",
    .scope = SCOPE_INSTALLED,
    .size_limit = (size_t)16 << 20,
    .aggregated = true,
    .suffixes = (const char *const[]){ ".dist-info/METADATA", ".egg-info", ".egg-info/PKG-INFO", "/EGG-INFO/PKG-INFO", NULL },
    .read = python_package_read,
};
