#include "probe.h"
#include "scan/advisory/cvss.h"

static void put_score(struct json_writer *answer, const char *key, double score)
{
    json_key(answer, key);
    if (score < 0)
        json_put_null(answer);
    else
        json_put_real(answer, score);
}

/* {"vector"} → scores and word, or {"error": true}. */
void probe_cvss(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct cvss cvss;
    struct error error = { 0 };
    json_open(answer, '{');
    if (!cvss_score(json_str(request, "vector"), &cvss, &error)) {
        json_member_bool(answer, "error", true);
    } else {
        put_score(answer, "base", cvss.base);
        put_score(answer, "temporal", cvss.temporal);
        put_score(answer, "environmental", cvss.environmental);
        json_key(answer, "severity");
        json_put_text(answer, cvss_word(cvss.version, cvss.base));
    }
    json_close(answer, '}');
}
