#include "unit.h"
#include "scan/advisory/cvss.h"

#include <math.h>

struct row {
    const char *vector;
    double base, temporal, environmental;
    const char *word;
};

static void ensure_scores(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cvss cvss;
        struct error error = { 0 };
        if (!cvss_score(str_of(rows[i].vector), &cvss, &error)) fail_msg("%s: %s", rows[i].vector, error.message);
        if (fabs(cvss.base - rows[i].base) > 1e-6 || fabs(cvss.temporal - rows[i].temporal) > 1e-6 ||
            fabs(cvss.environmental - rows[i].environmental) > 1e-6)
            fail_msg("%s: got %.1f %.1f %.1f", rows[i].vector, cvss.base, cvss.temporal, cvss.environmental);
        assert_string_equal(cvss_word(cvss.version, cvss.base), rows[i].word);
    }
}

/* Examples of the v2 guide (section 3.3) and vectors of well-known vulnerabilities. */
static void cvss2__scores_as_the_guide(void **state)
{
    static const struct row rows[] = {
        { "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H", 7.8, 6.4, 9.2, "HIGH" },
        { "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C", 10, 8.3, -1, "HIGH" },
        { "(AV:L/AC:H/Au:N/C:C/I:C/A:C)", 6.2, -1, -1, "MEDIUM" },
        { "AV:N/AC:L/Au:N/C:P/I:N/A:N", 5, -1, -1, "MEDIUM" },
        { "AV:L/AC:H/Au:M/C:N/I:N/A:N", 0, -1, -1, "LOW" },
        { "AV:L/AC:H/Au:M/C:N/I:N/A:P/E:ND/CDP:ND/AR:L", 0.8, -1, 0, "LOW" }, /* never below 0; ND is as not given */
    };
    ensure_scores(rows, sizeof rows / sizeof *rows);
}

/* From the specification's example document and the rounding case of appendix A. */
static void cvss3__scores_as_the_specification(void **state)
{
    static const struct row rows[] = {
        { "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, 9.8, 9.8, "CRITICAL" },
        { "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10, 10, 10, "CRITICAL" },
        { "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4, 6.4, 6.4, "MEDIUM" },
        { "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1, 3.1, 3.1, "LOW" },
        { "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5, 7.5, 7.5, "HIGH" },
        { "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0, 0, 0, "NONE" },
        { "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U", 9.8, 7.8, 7.8, "CRITICAL" },
        { "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:L/MC:N", 9.8, 9.8, 7.7, "CRITICAL" },
        { "CVSS:3.1/S:U/C:H/I:H/A:H/AV:N/AC:L/PR:N/UI:N", 9.8, 9.8, 9.8, "CRITICAL" },
    };
    ensure_scores(rows, sizeof rows / sizeof *rows);
}

/* From the v4.0 examples document. */
static void cvss4__scores_as_the_specification(void **state)
{
    static const struct row rows[] = {
        { "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10, -1, -1, "CRITICAL" },
        { "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, -1, -1, "CRITICAL" },
        { "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3, -1, -1, "HIGH" },
        { "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", 5.1, -1, -1, "MEDIUM" },
        { "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", 8.3, -1, -1, "HIGH" },
        { "CVSS:4.0/AV:A/AC:H/AT:N/PR:N/UI:N/VC:L/VI:N/VA:L/SC:L/SI:N/SA:L/E:P/CR:M/MUI:N/MVI:L/MSC:N/MSI:S/MSA:S", 5.5, -1, -1,
          "MEDIUM" },
        { "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, -1, -1, "NONE" },
        { "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/S:P/U:Red", 9.3, -1, -1, "CRITICAL" },
    };
    ensure_scores(rows, sizeof rows / sizeof *rows);
}

static void cvss__refuses_what_is_not_a_vector(void **state)
{
    static const char *const vectors[] = {
        "",
        "CVSS:3.1",
        "CVSS:3.1/",
        "CVSS:3.1/AV:N",
        "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "AV:N/AC:L/Au:N/C:N/I:N",
        "(AV:N/AC:L/Au:N/C:N/I:N/A:P",
        "AV:N/AC:L/Au:N/C:N/I:N/A:P/X:Y",
        "cvss:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:S/SI:H/SA:H",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:/SI:H/SA:H",
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct cvss cvss;
        struct error error = { 0 };
        if (cvss_score(str_of(vectors[i]), &cvss, &error)) fail_msg("taken: \"%s\"", vectors[i]);
        assert_string_equal(error.id, "cvss-invalid");
    }
}

static void cvss__names_what_is_wrong(void **state)
{
    struct cvss cvss;
    struct error error = { 0 };
    assert_false(cvss_score(STR("AV:N/AC:L/Au:N/C:N/I:N/A:P/X:Y"), &cvss, &error));
    assert_non_null(strstr(error.message, "there is no metric X"));
    assert_false(cvss_score(STR("AV:N/AC:L/Au:N/C:N/I:N"), &cvss, &error));
    assert_non_null(strstr(error.message, "missing is the metric A"));
}

static void cvss__scores_stand_for_severities(void **state)
{
    static const struct {
        enum cvss_version version;
        double score;
        enum severity severity;
        const char *word;
    } rows[] = {
        { CVSS_2, 0, SEVERITY_UNKNOWN, "LOW" },       { CVSS_2, 3.9, SEVERITY_LOW, "LOW" },
        { CVSS_2, 10, SEVERITY_HIGH, "HIGH" },        { CVSS_3_1, 0, SEVERITY_UNKNOWN, "NONE" },
        { CVSS_3_1, .1, SEVERITY_LOW, "LOW" },        { CVSS_3_1, 4, SEVERITY_MEDIUM, "MEDIUM" },
        { CVSS_3_0, 6.9, SEVERITY_MEDIUM, "MEDIUM" }, { CVSS_4_0, 7, SEVERITY_HIGH, "HIGH" },
        { CVSS_4_0, 8.9, SEVERITY_HIGH, "HIGH" },     { CVSS_4_0, 9, SEVERITY_CRITICAL, "CRITICAL" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(cvss_severity(rows[i].version, rows[i].score), rows[i].severity);
        assert_string_equal(cvss_word(rows[i].version, rows[i].score), rows[i].word);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cvss2__scores_as_the_guide),         cmocka_unit_test(cvss3__scores_as_the_specification),
        cmocka_unit_test(cvss4__scores_as_the_specification), cmocka_unit_test(cvss__refuses_what_is_not_a_vector),
        cmocka_unit_test(cvss__scores_stand_for_severities),  cmocka_unit_test(cvss__names_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
