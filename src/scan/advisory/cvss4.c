/* CVSS v4.0 (first.org/cvss/v4.0/specification-document, section 8). The numbers are those FIRST publishes with its calculator
 * (github.com/FIRSTdotorg/cvss-v4-calculator, BSD-2-Clause): scores of the macro vectors, their highest vectors, their depths.
 */
#include "scan/advisory/cvss_vector.h"

enum {
    AV,
    AC,
    AT,
    PR,
    UI,
    VC,
    VI,
    VA,
    SC,
    SI,
    SA,
    E,
    CR,
    IR,
    AR,
    MAV,
    MAC,
    MAT,
    MPR,
    MUI,
    MVC,
    MVI,
    MVA,
    MSC,
    MSI,
    MSA,
    S,
    AU,
    R,
    V,
    RE,
    U,
    METRICS
};

/* Values from the most to the least severe; X, which says nothing, stands last. A modified metric has its base metric's values.
 * SC, SI and SA begin with an empty word, which nothing matches: S (safety), which only MSI and MSA can have. */
static const struct cvss_metric metrics[METRICS] = {
    [AV] = { "AV", "N A L P", true },      [AC] = { "AC", "L H", true },
    [AT] = { "AT", "N P", true },          [PR] = { "PR", "N L H", true },
    [UI] = { "UI", "N P A", true },        [VC] = { "VC", "H L N", true },
    [VI] = { "VI", "H L N", true },        [VA] = { "VA", "H L N", true },
    [SC] = { "SC", " H L N", true },       [SI] = { "SI", " H L N", true },
    [SA] = { "SA", " H L N", true },       [E] = { "E", "A P U X", false },
    [CR] = { "CR", "H M L X", false },     [IR] = { "IR", "H M L X", false },
    [AR] = { "AR", "H M L X", false },     [MAV] = { "MAV", "N A L P X", false },
    [MAC] = { "MAC", "L H X", false },     [MAT] = { "MAT", "N P X", false },
    [MPR] = { "MPR", "N L H X", false },   [MUI] = { "MUI", "N P A X", false },
    [MVC] = { "MVC", "H L N X", false },   [MVI] = { "MVI", "H L N X", false },
    [MVA] = { "MVA", "H L N X", false },   [MSC] = { "MSC", " H L N X", false },
    [MSI] = { "MSI", "S H L N X", false }, [MSA] = { "MSA", "S H L N X", false },
    [S] = { "S", "N P X", false },         [AU] = { "AU", "N Y X", false },
    [R] = { "R", "A U I X", false },       [V] = { "V", "D C X", false },
    [RE] = { "RE", "L M H X", false },     [U] = { "U", "Clear Green Amber Red X", false },
};

/* Score times ten by EQ1, EQ2, EQ3 with EQ6, EQ4, EQ5. EQ3 with EQ6: 00, 01, 10, 11, 21 (20 cannot be). */
enum {
    JOINT = 5
};
static const uint8_t scores[3][2][JOINT][3][3] = {
    {
        {
            { { 100, 98, 95 }, { 100, 93, 91 }, { 93, 89, 81 } },
            { { 99, 95, 92 }, { 96, 87, 81 }, { 90, 80, 68 } },
            { { 98, 95, 90 }, { 93, 89, 81 }, { 88, 78, 69 } },
            { { 95, 92, 84 }, { 92, 81, 65 }, { 80, 70, 48 } },
            { { 92, 82, 72 }, { 79, 69, 50 }, { 69, 55, 27 } },
        },
        {
            { { 99, 95, 92 }, { 95, 90, 84 }, { 92, 82, 72 } },
            { { 97, 92, 85 }, { 91, 83, 71 }, { 81, 71, 53 } },
            { { 95, 92, 85 }, { 92, 80, 70 }, { 84, 71, 50 } },
            { { 93, 85, 73 }, { 82, 72, 59 }, { 70, 52, 30 } },
            { { 86, 75, 52 }, { 71, 52, 29 }, { 63, 29, 17 } },
        },
    },
    {
        {
            { { 98, 94, 91 }, { 94, 86, 77 }, { 87, 74, 63 } },
            { { 95, 87, 81 }, { 89, 74, 64 }, { 75, 63, 49 } },
            { { 94, 88, 76 }, { 86, 74, 59 }, { 72, 57, 52 } },
            { { 89, 77, 67 }, { 76, 58, 50 }, { 57, 52, 25 } },
            { { 83, 70, 54 }, { 65, 58, 26 }, { 53, 21, 13 } },
        },
        {
            { { 95, 88, 76 }, { 90, 75, 61 }, { 77, 68, 52 } },
            { { 90, 76, 70 }, { 77, 62, 53 }, { 66, 59, 30 } },
            { { 89, 76, 62 }, { 74, 57, 47 }, { 61, 57, 24 } },
            { { 78, 67, 58 }, { 59, 57, 23 }, { 52, 29, 16 } },
            { { 71, 59, 30 }, { 58, 26, 15 }, { 23, 13, 6 } },
        },
    },
    {
        {
            { { 93, 86, 75 }, { 86, 74, 56 }, { 70, 52, 40 } },
            { { 87, 72, 58 }, { 74, 61, 34 }, { 54, 40, 22 } },
            { { 85, 74, 62 }, { 72, 55, 46 }, { 53, 34, 19 } },
            { { 75, 55, 51 }, { 57, 41, 19 }, { 36, 19, 8 } },
            { { 64, 51, 20 }, { 47, 21, 11 }, { 24, 9, 4 } },
        },
        {
            { { 88, 73, 60 }, { 73, 59, 41 }, { 54, 45, 20 } },
            { { 75, 53, 50 }, { 55, 40, 20 }, { 43, 22, 11 } },
            { { 75, 58, 40 }, { 61, 48, 20 }, { 46, 17, 8 } },
            { { 55, 45, 21 }, { 51, 18, 9 }, { 18, 7, 2 } },
            { { 53, 24, 14 }, { 24, 12, 5 }, { 10, 3, 1 } },
        },
    },
};

/* Equivalence sets: their metrics, the highest vectors of each level as steps of those metrics, and the depth of the level. */
#define SET_METRICS 6
#define SET_HIGHEST 5
struct level {
    int depth, highest_count;
    int8_t highest[SET_HIGHEST][SET_METRICS];
};

static const struct {
    int metrics[SET_METRICS], metrics_count;
    struct level levels[JOINT];
} sets[] = {
    { { AV, PR, UI },
      3,
      {
          { 1, 1, { { 0, 0, 0 } } },
          { 4, 3, { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } },
          { 5, 2, { { 3, 0, 0 }, { 1, 1, 1 } } },
      } },
    { { AC, AT },
      2,
      {
          { 1, 1, { { 0, 0 } } },
          { 2, 2, { { 1, 0 }, { 0, 1 } } },
      } },
    { { VC, VI, VA, CR, IR, AR },
      6,
      {
          { 7, 1, { { 0, 0, 0, 0, 0, 0 } } },
          { 6, 2, { { 0, 0, 1, 1, 1, 0 }, { 0, 0, 0, 1, 1, 1 } } },
          { 8, 2, { { 1, 0, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0, 0 } } },
          { 8,
            5,
            { { 1, 0, 1, 0, 1, 0 }, { 1, 0, 0, 0, 1, 1 }, { 0, 1, 0, 1, 0, 1 }, { 0, 1, 1, 1, 0, 0 }, { 1, 1, 0, 0, 0, 1 } } },
          { 10, 1, { { 1, 1, 1, 0, 0, 0 } } },
      } },
    { { SC, SI, SA },
      3,
      {
          { 6, 1, { { 1, 0, 0 } } },
          { 5, 1, { { 1, 1, 1 } } },
          { 4, 1, { { 2, 2, 2 } } },
      } },
};
enum {
    SETS = sizeof sets / sizeof *sets
};

/* The level of each equivalence set (section 8.2.2). */
struct macro {
    int eq[SETS + 1]; /* EQ1, EQ2, EQ3 with EQ6, EQ4, EQ5 */
};
enum {
    EQ1,
    EQ2,
    EQ3_6,
    EQ4,
    EQ5
};

/* Steps of each metric from the most severe value, as it counts: modified before base, X the worst case. */
static void find_effective(const int values[], int steps[])
{
    static const int last_base = SA, last = AR;
    for (int metric = AV; metric <= last_base; metric++) {
        int modified = values[MAV + metric];
        int undefined = metric == AV ? 4 : metric == AC || metric == AT ? 2 : metric >= SC ? 4 : 3;
        steps[metric] = modified == CVSS_ABSENT || modified == undefined ? values[metric] : modified;
    }
    for (int metric = E; metric <= last; metric++)
        steps[metric] = values[metric] == CVSS_ABSENT || values[metric] == 3 ? 0 : values[metric];
}

enum {
    HIGH = 0,
    SAFETY = 0,
    SUBSEQUENT_HIGH = 1,
    NO_IMPACT = 2,
    NO_SUBSEQUENT_IMPACT = 3
};

static int find_eq1(const int steps[])
{
    bool network = steps[AV] == 0, privileges = steps[PR] == 0, interaction = steps[UI] == 0;
    if (network && privileges && interaction) return 0;
    return (network || privileges || interaction) && steps[AV] != 3 ? 1 : 2;
}

static int find_eq3(const int steps[])
{
    if (steps[VC] == HIGH && steps[VI] == HIGH) return 0;
    return steps[VC] == HIGH || steps[VI] == HIGH || steps[VA] == HIGH ? 1 : 2;
}

static int find_eq4(const int steps[])
{
    if (steps[SI] == SAFETY || steps[SA] == SAFETY) return 0;
    return steps[SC] == SUBSEQUENT_HIGH || steps[SI] == SUBSEQUENT_HIGH || steps[SA] == SUBSEQUENT_HIGH ? 1 : 2;
}

static int find_eq6(const int steps[])
{
    for (int i = 0; i < 3; i++)
        if (steps[CR + i] == HIGH && steps[VC + i] == HIGH) return 0;
    return 1;
}

static struct macro find_macro(const int steps[])
{
    int eq3 = find_eq3(steps);
    return (struct macro){ {
        [EQ1] = find_eq1(steps),
        [EQ2] = steps[AC] == 0 && steps[AT] == 0 ? 0 : 1,
        [EQ3_6] = eq3 == 2 ? 4 : 2 * eq3 + find_eq6(steps),
        [EQ4] = find_eq4(steps),
        [EQ5] = steps[E],
    } };
}

static int score_of(struct macro macro)
{
    return scores[macro.eq[EQ1]][macro.eq[EQ2]][macro.eq[EQ3_6]][macro.eq[EQ4]][macro.eq[EQ5]];
}

static int score_with(struct macro macro, int set, int level)
{
    macro.eq[set] = level;
    return score_of(macro);
}

/* The score of the next lower macro vector in one set; false when there is none. */
static bool find_lower(struct macro macro, int set, int *score)
{
    static const int levels[] = { [EQ1] = 3, [EQ2] = 2, [EQ3_6] = JOINT, [EQ4] = 3, [EQ5] = 3 };
    static const int below_joint[] = { 1, 3, 3, 4 };
    int level = macro.eq[set];
    if (level + 1 >= levels[set]) return false;
    *score = score_with(macro, set, set == EQ3_6 ? below_joint[level] : level + 1);
    if (set == EQ3_6 && level == 0) {
        int other = score_with(macro, set, 2);
        if (other > *score) *score = other;
    }
    return true;
}

/* Steps from one highest vector down to this one; false when this one is higher somewhere. */
static bool find_distance(const int steps[], const int set_metrics[], int count, const int8_t highest[], int *distance)
{
    *distance = 0;
    for (int i = 0; i < count; i++) {
        int step = steps[set_metrics[i]] - highest[i];
        if (step < 0) return false;
        *distance += step;
    }
    return true;
}

/* How deep in its level the vector lies, from 0 (highest) on; EQ5 has no depth. */
static double find_share(const int steps[], struct macro macro, int set)
{
    if (set == EQ5) return 0;
    const struct level *level = &sets[set].levels[macro.eq[set]];
    for (int i = 0; i < level->highest_count; i++) {
        int distance;
        if (find_distance(steps, sets[set].metrics, sets[set].metrics_count, level->highest[i], &distance))
            return (double)distance / level->depth;
    }
    return 0;
}

static bool has_impact(const int steps[])
{
    for (int i = 0; i < 3; i++)
        if (steps[VC + i] != NO_IMPACT || steps[SC + i] != NO_SUBSEQUENT_IMPACT) return true;
    return false;
}

/* Section 8.2: the macro vector's score, less the mean of what each set is away from its highest vector. */
static double score_steps(const int steps[])
{
    if (!has_impact(steps)) return 0;
    struct macro macro = find_macro(steps);
    int value = score_of(macro), lower, neighbours = 0;
    double sum = 0;
    for (int set = EQ1; set <= EQ5; set++) {
        if (!find_lower(macro, set, &lower)) continue;
        neighbours++;
        sum += (value - lower) * find_share(steps, macro, set);
    }
    double score = (value - (neighbours ? sum / neighbours : 0)) / 10;
    return cvss_round(score < 0 ? 0 : score > 10 ? 10 : score);
}

bool cvss4_score(struct str vector, struct cvss *result, struct error *error)
{
    int values[METRICS], steps[METRICS];
    if (!cvss_read_metrics(vector, metrics, METRICS, values, error)) return false;
    find_effective(values, steps);
    *result = (struct cvss){ .version = CVSS_4_0, .base = score_steps(steps), .temporal = -1, .environmental = -1 };
    return true;
}
