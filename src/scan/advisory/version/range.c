#include "scan/advisory/version/range.h"

#include "scan/advisory/version/number.h"

/* The longest spelling first. ">" with "=" before it and the like are as the peers' library reads them. */
static const struct {
    const char *text;
    enum range_operator operator;
} operators[] = {
    { "!=", RANGE_NOT_EQUAL }, { "<=", RANGE_AT_MOST },  { "=<", RANGE_AT_MOST },     { "==", RANGE_EQUAL },
    { "=>", RANGE_AT_LEAST },  { ">=", RANGE_AT_LEAST }, { "~>", RANGE_PESSIMISTIC }, { "<", RANGE_LESS },
    { "=", RANGE_EQUAL },      { ">", RANGE_GREATER },   { "^", RANGE_CARET },        { "~", RANGE_TILDE },
};

static enum range_operator cut_operator(struct str *rest)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!str_starts(*rest, operators[i].text)) continue;
        *rest = str_from(*rest, strlen(operators[i].text));
        return operators[i].operator;
    }
    return RANGE_EQUAL;
}

static void cut_blanks(struct str *rest)
{
    while (rest->size && is_blank(*rest->data))
        *rest = str_from(*rest, 1);
}

/* A version ends at a blank, a comma or where the next clause's operator stands. */
static struct str cut_version(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && !is_blank(rest->data[size]) && !strchr(",<>=|", rest->data[size]) &&
           !(rest->data[size] == '!' && size + 1 < rest->size && rest->data[size + 1] == '='))
        size++;
    struct str version = str_to(*rest, size);
    *rest = str_from(*rest, size);
    return version;
}

static bool cut_clause(struct str *rest, struct range_clause *clause)
{
    cut_blanks(rest);
    clause->operator= cut_operator(rest);
    cut_blanks(rest);
    clause->version = cut_version(rest);
    cut_blanks(rest);
    char_cut(rest, ',');
    cut_blanks(rest);
    return clause->version.size > 0 && clause->version.size <= VERSION_LIMIT;
}

/* One alternative: all clauses up to "||". */
static bool evaluate_alternative(const struct version_order *order, struct str version, struct str *rest, range_check *check,
                                 bool *inside)
{
    *inside = true;
    do {
        struct range_clause clause;
        bool satisfied = false;
        if (!cut_clause(rest, &clause)) return false;
        if (!check(order, version, clause, &satisfied)) return false;
        *inside = *inside && satisfied;
    } while (rest->size && *rest->data != '|');
    return true;
}

bool range_evaluate(const struct version_order *order, struct str version, struct str range, range_check *check, bool *inside)
{
    bool any = false;
    for (struct str rest = range;;) {
        bool satisfied = false;
        if (!evaluate_alternative(order, version, &rest, check, &satisfied)) return false;
        any = any || satisfied;
        if (!rest.size) break;
        if (!str_starts(rest, "||")) return false;
        rest = str_from(rest, 2);
    }
    *inside = any;
    return true;
}

bool range_decide(enum range_operator operator, int sign, bool *inside)
{
    switch (operator) {
    case RANGE_EQUAL: *inside = sign == 0; return true;
    case RANGE_NOT_EQUAL: *inside = sign != 0; return true;
    case RANGE_LESS: *inside = sign < 0; return true;
    case RANGE_AT_MOST: *inside = sign <= 0; return true;
    case RANGE_GREATER: *inside = sign > 0; return true;
    case RANGE_AT_LEAST: *inside = sign >= 0; return true;
    default: return false;
    }
}

bool range_check_order(const struct version_order *order, struct str version, struct range_clause clause, bool *inside)
{
    int sign;
    return version_compare(order, version, clause.version, &sign) && range_decide(clause.operator, sign, inside);
}
