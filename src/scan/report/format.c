#include "scan/report/writers.h"

static const struct report_format formats[] = {
    { "json", json_report_write, true },
    { "table", table_report_write, false },
};

size_t report_format_count(void) { return sizeof formats / sizeof *formats; }
const struct report_format *report_format_at(size_t index) { return &formats[index]; }

const struct report_format *report_format_find(struct str name)
{
    for (size_t i = 0; i < report_format_count(); i++)
        if (str_is(name, formats[i].name)) return &formats[i];
    return NULL;
}

size_t report_total(const struct report *report)
{
    size_t total = 0;
    for (size_t i = 0; i < report->results.count; i++)
        total += report->results.items[i].findings.count;
    return total;
}
