/* Words about findings in reports for people. */
#include "scan/report/writers.h"

#define TITLE_WORDS 12

const char *report_severity_colour(enum severity severity)
{
    static const char *const colours[SEVERITY_COUNT] = {
        [SEVERITY_UNKNOWN] = "36", [SEVERITY_LOW] = "34",      [SEVERITY_MEDIUM] = "33",
        [SEVERITY_HIGH] = "91",    [SEVERITY_CRITICAL] = "31",
    };
    return colours[severity];
}

struct str report_short_title(struct arena *arena, const struct finding *finding)
{
    const struct vulnerability *known = finding->vulnerability;
    if (!known) return (struct str){ 0 };
    struct str text = known->title.size ? known->title : known->description;
    struct buffer out = { 0 };
    size_t words = 0;
    for (size_t i = 0; i < text.size;) {
        while (i < text.size && strchr(" \t\r\n", text.data[i]))
            i++;
        size_t start = i;
        while (i < text.size && !strchr(" \t\r\n", text.data[i]))
            i++;
        if (i == start) break;
        if (words == TITLE_WORDS) break;
        if (words++) buffer_char(&out, ' ');
        buffer_append(&out, text.data + start, i - start);
    }
    if (words >= TITLE_WORDS) buffer_text(&out, "...");
    struct str shortened = arena_str(arena, buffer_view(&out));
    buffer_free(&out);
    return shortened;
}
