/* The door of room `scan/report`: one writer a file, one row a format in format.c's table. */
#ifndef SCAN_REPORT_REPORT_H
#define SCAN_REPORT_REPORT_H

#include "cli/cli.h"
#include "scan/filter/filter.h"
#include "scan/model/model.h"

struct report_options {
    bool list_packages; /* --list-all-pkgs */
    bool show_suppressed;
    bool without_summary, without_details; /* --table-mode */
    const bool *severities;                /* SEVERITY_COUNT: those asked for, shown in totals */
    unsigned width;                        /* columns of the terminal; 0: none, tables as wide as they are */
    bool colour, ascii;
};

struct report_format {
    const char *name;
    bool (*write)(struct buffer *out, struct arena *arena, const struct report *report, const struct report_options *options,
                  struct error *error);
    bool needs_files; /* packages with their files */
};

/* NULL when there is no such format. Sorted by name. */
const struct report_format *report_format_find(struct str name);
size_t report_format_count(void);
const struct report_format *report_format_at(size_t index);

/* Parts of the JSON report that others write too: one member of Vulnerabilities; Coverage, Database and Sources. */
void report_finding_write(struct json_writer *writer, const struct report *report, const struct result *result,
                          const struct finding *finding);
void report_coverage_write(struct json_writer *writer, const struct report *report);

size_t report_total(const struct report *report);

#endif
