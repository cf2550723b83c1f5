#include "scan/advisory/feed.h"

struct part {
    struct str arch, group, version;
    struct str vendor_id;
};

struct collected {
    struct feed_record record;
    struct str bound; /* of a record without a fix */
    VECTOR(struct part) parts;
};

struct feed_collector feed_collector_new(struct feed_run *run, const struct version_order *order)
{
    return (struct feed_collector){ run, order, map_new(run->arena) };
}

static struct collected *find(struct feed_collector *collector, const struct feed_record *record, bool *added)
{
    struct arena *arena = collector->run->arena;
    CLEANUP_BUFFER struct buffer key = { 0 };
    buffer_printf(&key, "%.*s\n%.*s\n%.*s", STR_ARG(record->bucket), STR_ARG(record->package), STR_ARG(record->id));
    struct collected *collected = map_get(collector->records, buffer_view(&key));
    *added = !collected;
    if (collected) return collected;
    collected = arena_alloc(arena, sizeof *collected);
    collected->record = (struct feed_record){ .bucket = arena_str(arena, record->bucket),
                                              .package = arena_str(arena, record->package),
                                              .id = arena_str(arena, record->id) };
    map_set(collector->records, arena_str(arena, buffer_view(&key)), collected);
    return collected;
}

static void take(struct arena *arena, struct collected *collected, const struct feed_record *record, struct str bound)
{
    collected->record.fixed_version = arena_str(arena, record->fixed_version);
    collected->record.affected_version = arena_str(arena, record->affected_version);
    collected->record.severity = record->severity;
    collected->record.status = record->status;
    collected->record.vendor_status = arena_str(arena, record->vendor_status);
    collected->bound = arena_str(arena, bound);
}

/* Whether `b` reaches further than `a`; empty is without end. */
static bool reaches_further(const struct version_order *order, struct str a, struct str b)
{
    int sign;
    if (str_empty(a)) return false;
    return str_empty(b) || (version_compare(order, a, b, &sign) && sign < 0);
}

static void add_ids(struct arena *arena, str_vector *to, const str_vector *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        if (!str_vector_has(to, ids->items[i])) *vector_push(arena, to) = arena_str(arena, ids->items[i]);
}

void feed_collect(struct feed_collector *collector, const struct feed_record *record, struct str bound)
{
    bool added;
    struct arena *arena = collector->run->arena;
    struct collected *collected = find(collector, record, &added);
    struct str reach = str_empty(record->fixed_version) ? bound : record->fixed_version;
    struct str before = str_empty(collected->record.fixed_version) ? collected->bound : collected->record.fixed_version;
    if (added || reaches_further(collector->order, before, reach)) take(arena, collected, record, bound);
    add_ids(arena, &collected->record.vendor_ids, &record->vendor_ids);
}

void feed_collect_entry(struct feed_collector *collector, const struct feed_record *record, struct str arch, struct str group)
{
    bool added;
    struct arena *arena = collector->run->arena;
    struct collected *collected = find(collector, record, &added);
    struct str vendor_id = record->vendor_ids.count ? record->vendor_ids.items[0] : (struct str){ 0 };
    struct part *part = NULL;
    for (size_t i = 0; i < collected->parts.count && !part; i++)
        if (str_equal(collected->parts.items[i].arch, arch) && str_equal(collected->parts.items[i].group, group))
            part = &collected->parts.items[i];
    if (!part) {
        part = vector_push(arena, &collected->parts);
        *part = (struct part){ .arch = arena_str(arena, arch),
                               .group = arena_str(arena, group),
                               .version = arena_str(arena, record->fixed_version),
                               .vendor_id = arena_str(arena, vendor_id) };
    } else if (reaches_further(collector->order, part->version, record->fixed_version)) {
        part->version = arena_str(arena, record->fixed_version);
        part->vendor_id = arena_str(arena, vendor_id);
    }
}

/* One entry a (version, advisory), with all its architectures; one without stays alone: it holds for all. */
static void make_entries(struct arena *arena, struct collected *collected)
{
    for (size_t i = 0; i < collected->parts.count; i++) {
        const struct part *part = &collected->parts.items[i];
        struct feed_entry *entry = NULL;
        for (size_t e = 0; e < collected->record.entries.count && !entry; e++) {
            struct feed_entry *one = &collected->record.entries.items[e];
            if (str_equal(one->fixed_version, part->version) && str_equal(one->vendor_ids.items[0], part->vendor_id) &&
                (one->arches.count > 0) == (part->arch.size > 0))
                entry = one;
        }
        if (!entry) {
            entry = vector_push(arena, &collected->record.entries);
            entry->fixed_version = part->version;
            *vector_push(arena, &entry->vendor_ids) = part->vendor_id;
        }
        if (!str_empty(part->arch)) *vector_push(arena, &entry->arches) = part->arch;
    }
    for (size_t e = 0; e < collected->record.entries.count; e++)
        str_vector_sort_unique(&collected->record.entries.items[e].arches);
}

void feed_collector_put(struct feed_collector *collector)
{
    size_t position = 0;
    for (void *value; map_next(collector->records, &position, NULL, &value);) {
        struct collected *collected = value;
        make_entries(collector->run->arena, collected);
        feed_put_record(collector->run, &collected->record);
    }
}
