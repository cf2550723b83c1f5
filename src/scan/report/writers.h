/* Private to `scan/report`. */
#ifndef SCAN_REPORT_WRITERS_H
#define SCAN_REPORT_WRITERS_H

#include "scan/report/report.h"

/* "Database: built 2026-11-20 (6 days ago) from 17 feeds; oldest for debian: Debian security tracker of 2026-11-18 (8 days
 * ago)" */
struct str report_database_line(struct arena *arena, const struct report *report);

/* ---- texts of others, for people (text.c) ---- */

/* No name is so long; what claims to be would make every row of a table as wide. */
#define REPORT_NAME_WIDTH 120
/* At most so many columns and "…" instead of the rest. */
struct str report_cut(struct arena *arena, struct str text, size_t columns);
/* Words joined again at most `width` columns a line. Longer words come in pieces, or stay whole. */
struct str report_wrap(struct arena *arena, struct str text, size_t width, bool whole_words);
void report_put_times(struct buffer *out, const char *text, size_t times);
void report_put_printable(struct buffer *out, struct str text);
/* Wrapped to the terminal, further lines set in as far as the first; width 0: one line. */
void report_put_paragraph(struct buffer *out, struct arena *arena, size_t width, const char *mark, struct str text);
/* The title, or the description without one; twelve words and more are cut. */
struct str report_short_title(struct arena *arena, const struct finding *finding);
const char *report_severity_colour(enum severity severity);

/* ---- writers ---- */

/* A result's findings where the table does not fit. */
void list_findings_write(struct buffer *out, struct arena *arena, const struct result *result,
                         const struct report_options *options);
bool json_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                       const struct report_options *options, struct error *error);
bool table_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                        const struct report_options *options, struct error *error);

#endif
