/* CVSS v2 (first.org/cvss/v2/guide, section 3.2), v3.0 and v3.1 (first.org/cvss/v3.1/specification-document, sections 7 and 8,
 * appendix A). */
#include "scan/advisory/cvss_vector.h"

#include <math.h>

static bool invalid(struct error *error, struct str vector, const char *why, struct str what)
{
    error_set(error, ERROR_INVALID, "cvss-invalid", "CVSS vector \"%.*s\": %s%s%.*s", STR_ARG(str_to(vector, 256)), why,
              what.size ? " " : "", STR_ARG(str_to(what, 64)));
    return error_hint(error, "write it as FIRST publishes it, such as CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
}

static int find_value(const char *values, struct str wanted)
{
    struct str rest = str_of(values);
    for (int i = 0; wanted.size && rest.data; i++)
        if (str_equal(str_cut(&rest, ' '), wanted)) return i;
    return CVSS_ABSENT;
}

static int find_metric(const struct cvss_metric *metrics, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(name, metrics[i].name)) return (int)i;
    return CVSS_ABSENT;
}

bool cvss_read_metrics(struct str vector, const struct cvss_metric *metrics, size_t count, int values[], struct error *error)
{
    for (size_t i = 0; i < count; i++)
        values[i] = CVSS_ABSENT;
    for (struct str rest = vector; rest.data;) {
        struct str part = str_cut(&rest, '/'), value = part;
        struct str name = str_cut(&value, ':');
        int metric = find_metric(metrics, count, name);
        if (metric == CVSS_ABSENT) return invalid(error, vector, "there is no metric", name);
        if (values[metric] != CVSS_ABSENT) return invalid(error, vector, "given twice:", name);
        values[metric] = find_value(metrics[metric].values, value);
        if (values[metric] == CVSS_ABSENT) return invalid(error, vector, "no value of its metric:", part);
    }
    for (size_t i = 0; i < count; i++)
        if (metrics[i].required && values[i] == CVSS_ABSENT)
            return invalid(error, vector, "missing is the metric", str_of(metrics[i].name));
    return true;
}

double cvss_round(double score) { return floor(score * 10 + 0.5 + 1e-9) / 10; }

/* ---- v2 ---- */

enum {
    AV2,
    AC2,
    AU2,
    C2,
    I2,
    A2,
    E2,
    RL2,
    RC2,
    CDP2,
    TD2,
    CR2,
    IR2,
    AR2,
    METRICS2
};

static const struct cvss_metric metrics2[METRICS2] = {
    [AV2] = { "AV", "L A N", true },       [AC2] = { "AC", "H M L", true },
    [AU2] = { "Au", "M S N", true },       [C2] = { "C", "N P C", true },
    [I2] = { "I", "N P C", true },         [A2] = { "A", "N P C", true },
    [E2] = { "E", "U POC F H ND", false }, [RL2] = { "RL", "OF TF W U ND", false },
    [RC2] = { "RC", "UC UR C ND", false }, [CDP2] = { "CDP", "N L LM MH H ND", false },
    [TD2] = { "TD", "N L M H ND", false }, [CR2] = { "CR", "L M H ND", false },
    [IR2] = { "IR", "L M H ND", false },   [AR2] = { "AR", "L M H ND", false },
};

static const double weights2[METRICS2][5] = {
    [AV2] = { .395, .646, 1 }, [AC2] = { .35, .61, .71 },      [AU2] = { .45, .56, .704 }, [C2] = { 0, .275, .66 },
    [I2] = { 0, .275, .66 },   [A2] = { 0, .275, .66 },        [E2] = { .85, .9, .95, 1 }, [RL2] = { .87, .9, .95, 1 },
    [RC2] = { .9, .95, 1 },    [CDP2] = { 0, .1, .3, .4, .5 }, [TD2] = { 0, .25, .75, 1 }, [CR2] = { .5, 1, 1.51 },
    [IR2] = { .5, 1, 1.51 },   [AR2] = { .5, 1, 1.51 },
};

/* "Not defined" is as if the metric were absent, for its weight and for whether its group is given. */
static void drop_undefined2(int values[])
{
    for (int i = E2; i < METRICS2; i++)
        if (values[i] == find_value(metrics2[i].values, STR("ND"))) values[i] = CVSS_ABSENT;
}

static double weight2(const int values[], int metric)
{
    static const double undefined[METRICS2] = { [E2] = 1, [RL2] = 1, [RC2] = 1, [TD2] = 1, [CR2] = 1, [IR2] = 1, [AR2] = 1 };
    return values[metric] == CVSS_ABSENT ? undefined[metric] : weights2[metric][values[metric]];
}

static bool any_given(const int values[], int first, int last)
{
    for (int i = first; i <= last; i++)
        if (values[i] != CVSS_ABSENT) return true;
    return false;
}

static double base2(const int values[], double impact)
{
    double exploitability = 20 * weight2(values, AV2) * weight2(values, AC2) * weight2(values, AU2);
    return impact == 0 ? 0 : cvss_round((.6 * impact + .4 * exploitability - 1.5) * 1.176);
}

static double temporal2(const int values[], double base)
{
    return cvss_round(base * weight2(values, E2) * weight2(values, RL2) * weight2(values, RC2));
}

/* An adjusted impact near nothing makes the adjusted base negative; only the outcome is held at 0. */
static double environmental2(const int values[], double c, double i, double a)
{
    double impact =
        10.41 * (1 - (1 - c * weight2(values, CR2)) * (1 - i * weight2(values, IR2)) * (1 - a * weight2(values, AR2)));
    double adjusted = temporal2(values, base2(values, fmin(10, impact)));
    return fmax(0, cvss_round((adjusted + (10 - adjusted) * weight2(values, CDP2)) * weight2(values, TD2)));
}

static bool score2(struct str vector, struct cvss *result, struct error *error)
{
    int values[METRICS2];
    if (!cvss_read_metrics(vector, metrics2, METRICS2, values, error)) return false;
    drop_undefined2(values);
    double c = weight2(values, C2), i = weight2(values, I2), a = weight2(values, A2);
    result->version = CVSS_2;
    result->base = base2(values, 10.41 * (1 - (1 - c) * (1 - i) * (1 - a)));
    result->temporal = any_given(values, E2, RC2) ? temporal2(values, result->base) : -1;
    result->environmental = any_given(values, CDP2, AR2) ? environmental2(values, c, i, a) : -1;
    return true;
}

/* ---- v3 ---- */

enum {
    AV3,
    AC3,
    PR3,
    UI3,
    S3,
    C3,
    I3,
    A3,
    E3,
    RL3,
    RC3,
    CR3,
    IR3,
    AR3,
    MAV3,
    MAC3,
    MPR3,
    MUI3,
    MS3,
    MC3,
    MI3,
    MA3,
    METRICS3
};

/* A modified metric has the values of its own base metric, and X behind them. */
static const struct cvss_metric metrics3[METRICS3] = {
    [AV3] = { "AV", "N A L P", true },    [AC3] = { "AC", "L H", true },        [PR3] = { "PR", "N L H", true },
    [UI3] = { "UI", "N R", true },        [S3] = { "S", "U C", true },          [C3] = { "C", "H L N", true },
    [I3] = { "I", "H L N", true },        [A3] = { "A", "H L N", true },        [E3] = { "E", "X H F P U", false },
    [RL3] = { "RL", "X U W T O", false }, [RC3] = { "RC", "X C R U", false },   [CR3] = { "CR", "X H M L", false },
    [IR3] = { "IR", "X H M L", false },   [AR3] = { "AR", "X H M L", false },   [MAV3] = { "MAV", "N A L P X", false },
    [MAC3] = { "MAC", "L H X", false },   [MPR3] = { "MPR", "N L H X", false }, [MUI3] = { "MUI", "N R X", false },
    [MS3] = { "MS", "U C X", false },     [MC3] = { "MC", "H L N X", false },   [MI3] = { "MI", "H L N X", false },
    [MA3] = { "MA", "H L N X", false },
};

static const double weights3[MAV3][5] = {
    [AV3] = { .85, .62, .55, .2 },
    [AC3] = { .77, .44 },
    [PR3] = { .85, .62, .27 },
    [UI3] = { .85, .62 },
    [S3] = { 0, 0 },
    [C3] = { .56, .22, 0 },
    [I3] = { .56, .22, 0 },
    [A3] = { .56, .22, 0 },
    [E3] = { 1, 1, .97, .94, .91 },
    [RL3] = { 1, 1, .97, .96, .95 },
    [RC3] = { 1, 1, .96, .92 },
    [CR3] = { 1, 1.5, 1, .5 },
    [IR3] = { 1, 1.5, 1, .5 },
    [AR3] = { 1, 1.5, 1, .5 },
};
static const double privileges_changed_scope3[] = { .85, .68, .5 };

static double weight3(const int values[], int metric)
{
    return weights3[metric][values[metric] == CVSS_ABSENT ? 0 : values[metric]]; /* X is the first of its row */
}

/* Appendix A of v3.1 rounds an integer, so that 4.000000000000001 does not become 4.1; v3.0 says the smallest number with one
 * decimal that is not less. */
static double round_up3(enum cvss_version version, double score)
{
    if (score <= 0) return 0;
    if (version == CVSS_3_0) return ceil(score * 10 - 1e-9) / 10;
    double whole = floor(score * 100000 + 0.5);
    return fmod(whole, 10000) == 0 ? whole / 100000 : (floor(whole / 10000) + 1) / 10;
}

static double exploitability3(const int values[])
{
    double privileges = values[S3] ? privileges_changed_scope3[values[PR3]] : weight3(values, PR3);
    return 8.22 * weight3(values, AV3) * weight3(values, AC3) * privileges * weight3(values, UI3);
}

static double combine3(enum cvss_version version, const int values[], double impact)
{
    if (impact <= 0) return 0;
    double sum = impact + exploitability3(values);
    return round_up3(version, fmin(values[S3] ? 1.08 * sum : sum, 10));
}

static double base3(enum cvss_version version, const int values[])
{
    double subscore = 1 - (1 - weight3(values, C3)) * (1 - weight3(values, I3)) * (1 - weight3(values, A3));
    double changed = 7.52 * (subscore - .029) - 3.25 * pow(subscore - .02, 15);
    return combine3(version, values, values[S3] ? changed : 6.42 * subscore);
}

/* `values` with the modified metrics in place of the base ones. */
static double environmental3(enum cvss_version version, const int values[])
{
    double subscore = 1 - (1 - weight3(values, C3) * weight3(values, CR3)) * (1 - weight3(values, I3) * weight3(values, IR3)) *
                              (1 - weight3(values, A3) * weight3(values, AR3));
    subscore = fmin(subscore, .915);
    double power = version == CVSS_3_0 ? pow(subscore - .02, 15) : pow(subscore * .9731 - .02, 13);
    double changed = 7.52 * (subscore - .029) - 3.25 * power;
    return combine3(version, values, values[S3] ? changed : 6.42 * subscore);
}

static void put_modified(int values[])
{
    for (int base = AV3; base <= A3; base++) {
        int modified = values[MAV3 + base];
        bool defined = modified != CVSS_ABSENT && find_value(metrics3[MAV3 + base].values, STR("X")) != modified;
        if (defined) values[base] = modified;
    }
}

static bool score3(enum cvss_version version, struct str vector, struct cvss *result, struct error *error)
{
    int values[METRICS3];
    if (!cvss_read_metrics(vector, metrics3, METRICS3, values, error)) return false;
    double chance = weight3(values, E3) * weight3(values, RL3) * weight3(values, RC3);
    result->version = version;
    result->base = base3(version, values);
    result->temporal = round_up3(version, result->base * chance);
    put_modified(values);
    result->environmental = round_up3(version, environmental3(version, values) * chance);
    return true;
}

/* ---- all ---- */

#define VECTOR_LIMIT 1024

static bool cut_prefix(struct str *vector, const char *prefix)
{
    if (!str_starts(*vector, prefix)) return false;
    *vector = str_from(*vector, strlen(prefix));
    return true;
}

bool cvss_score(struct str vector, struct cvss *result, struct error *error)
{
    struct str metrics = vector;
    if (vector.size > VECTOR_LIMIT) return invalid(error, vector, "longer than 1024 bytes", (struct str){ 0 });
    if (cut_prefix(&metrics, "CVSS:3.1/")) return score3(CVSS_3_1, metrics, result, error);
    if (cut_prefix(&metrics, "CVSS:3.0/")) return score3(CVSS_3_0, metrics, result, error);
    if (cut_prefix(&metrics, "CVSS:4.0/")) return cvss4_score(metrics, result, error);
    if (str_starts(vector, "CVSS:"))
        return invalid(error, vector, "its version is none of 3.0, 3.1 and 4.0", (struct str){ 0 });
    if (str_starts(metrics, "(") && str_ends(metrics, ")")) metrics = str_slice(metrics, 1, metrics.size - 1);
    return score2(metrics, result, error);
}

enum severity cvss_severity(enum cvss_version version, double score)
{
    if (score < .1) return SEVERITY_UNKNOWN;
    if (score < 7) return score < 4 ? SEVERITY_LOW : SEVERITY_MEDIUM;
    return score < 9 || version == CVSS_2 ? SEVERITY_HIGH : SEVERITY_CRITICAL;
}

const char *cvss_word(enum cvss_version version, double score)
{
    enum severity severity = cvss_severity(version, score);
    return severity ? severity_word(severity) : version == CVSS_2 ? "LOW" : "NONE";
}
