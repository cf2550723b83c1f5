#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

moment clock_now(void)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    int64_t seconds;
    if (fixed && str_to_i64(str_of(fixed), &seconds) && seconds > INT64_MIN / SECOND && seconds < INT64_MAX / SECOND)
        return seconds * SECOND;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

moment clock_monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

/* Civil calendar (proleptic Gregorian) to days from 1970-01-01 and back: Howard Hinnant's published formulas (chrono-compatible
 * date algorithms). */
static int64_t days_from_civil(int year, unsigned month, unsigned day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (int64_t)(month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = (unsigned)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (unsigned)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

const char *clock_format(moment time, char text[CLOCK_TEXT])
{
    int64_t seconds = time / SECOND, fraction = time % SECOND;
    if (fraction < 0) {
        fraction += SECOND;
        seconds--;
    }
    int64_t days = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int year;
    unsigned month, day;
    civil_from_days(days, &year, &month, &day);
    int size = snprintf(text, CLOCK_TEXT, "%04d-%02u-%02uT%02d:%02d:%02d", year, month, day, (int)(rest / 3600),
                        (int)(rest / 60 % 60), (int)(rest % 60));
    if (fraction) {
        size += snprintf(text + size, CLOCK_TEXT - (size_t)size, ".%09d", (int)fraction);
        while (text[size - 1] == '0')
            size--;
    }
    text[size] = 'Z';
    text[size + 1] = 0;
    return text;
}

/* Exactly `digits` digits at *text into *value; moves on. */
static bool take_number(struct str *text, size_t digits, unsigned *value)
{
    uint64_t number;
    if (text->size < digits || !str_to_u64(str_to(*text, digits), &number)) return false;
    *value = (unsigned)number;
    *text = str_from(*text, digits);
    return true;
}

static bool take_char(struct str *text, const char *any_of)
{
    if (!text->size || !text->data[0] || !strchr(any_of, text->data[0])) return false;
    *text = str_from(*text, 1);
    return true;
}

static bool take_date(struct str *text, int64_t *days)
{
    unsigned year, month, day;
    if (!take_number(text, 4, &year) || !take_char(text, "-") || !take_number(text, 2, &month) || !take_char(text, "-") ||
        !take_number(text, 2, &day))
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const unsigned length[] = { 31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (month < 1 || month > 12 || day < 1 || day > length[month - 1]) return false;
    if (year < 1678 || year > 2261) return false; /* nanoseconds reach no further */
    *days = days_from_civil((int)year, month, day);
    return true;
}

static bool take_fraction(struct str *text, int64_t *nanoseconds)
{
    *nanoseconds = 0;
    if (!take_char(text, ".")) return true;
    int64_t unit = SECOND / 10;
    size_t digits = 0;
    for (; text->size && text->data[0] >= '0' && text->data[0] <= '9'; digits++, unit /= 10) {
        *nanoseconds += (text->data[0] - '0') * unit;
        *text = str_from(*text, 1);
    }
    return digits > 0;
}

const char *clock_in_seconds(struct str time, char text[CLOCK_TEXT])
{
    moment at;
    *text = 0;
    return clock_parse(time, &at) ? clock_format(at / SECOND * SECOND, text) : text;
}

bool clock_parse(struct str text, moment *time)
{
    int64_t days, nanoseconds, offset = 0;
    unsigned hour, minute, second;
    text = str_trim(text);
    if (!take_date(&text, &days)) return false;
    if (!text.size) {
        *time = days * 86400 * SECOND;
        return true;
    }
    if (!take_char(&text, "Tt ") || !take_number(&text, 2, &hour) || !take_char(&text, ":") ||
        !take_number(&text, 2, &minute) || !take_char(&text, ":") || !take_number(&text, 2, &second) ||
        !take_fraction(&text, &nanoseconds))
        return false;
    if (hour > 24 || minute > 59 || second > 60) return false;
    if (text.size && (text.data[0] == '+' || text.data[0] == '-')) {
        bool west = text.data[0] == '-';
        unsigned hours, minutes;
        text = str_from(text, 1);
        if (!take_number(&text, 2, &hours)) return false;
        take_char(&text, ":");
        if (!take_number(&text, 2, &minutes)) return false;
        offset = ((int64_t)hours * 60 + minutes) * 60 * (west ? 1 : -1);
    } else {
        take_char(&text, "Zz");
    }
    if (text.size) return false;
    *time = (days * 86400 + hour * 3600 + minute * 60 + second + offset) * SECOND + nanoseconds;
    return true;
}

static bool month_number(struct str word, unsigned *month)
{
    static const char *const names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (unsigned i = 0; i < 12; i++)
        if (word.size >= 3 && memcmp(word.data, names + 3 * i, 3) == 0) {
            *month = i + 1;
            return true;
        }
    return false;
}

/* Words of the three forms, in the order they stand:
 *   Sun, 06 Nov 1994 08:49:37 GMT | Sunday, 06-Nov-94 08:49:37 GMT | Sun Nov  6 08:49:37 1994 */
bool clock_parse_http(struct str text, moment *time)
{
    struct str words[6] = { 0 };
    size_t count = 0;
    for (struct str word; count < 6 && (word = str_word(&text)).size;)
        words[count++] = word;
    struct str day, month_word, year_word, clock;
    uint64_t day_number, year;
    unsigned month, hour, minute, second;
    if (count == 6) {
        day = words[1], month_word = words[2], year_word = words[3], clock = words[4];
    } else if (count == 5) {
        month_word = words[1], day = words[2], clock = words[3], year_word = words[4];
    } else if (count == 4) {
        struct str date = words[1];
        day = str_cut(&date, '-'), month_word = str_cut(&date, '-'), year_word = date, clock = words[2];
    } else {
        return false;
    }
    if (!str_to_u64(day, &day_number) || !month_number(month_word, &month) || !str_to_u64(year_word, &year)) return false;
    if (year_word.size == 2) year += year < 70 ? 2000 : 1900;
    if (day_number < 1 || day_number > 31 || year < 1970 || year > 9999) return false;
    if (!take_number(&clock, 2, &hour) || !take_char(&clock, ":") || !take_number(&clock, 2, &minute) ||
        !take_char(&clock, ":") || !take_number(&clock, 2, &second) || clock.size || hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t seconds = days_from_civil((int)year, month, (unsigned)day_number) * 86400 + hour * 3600 + minute * 60 + second;
    *time = seconds < INT64_MAX / SECOND ? seconds * SECOND : INT64_MAX; /* a moment ends in 2262 */
    return true;
}

bool clock_days_since(struct str then, moment now, int64_t *days)
{
    moment time;
    if (!clock_parse(then, &time)) return false;
    *days = (now - time) / (86400 * SECOND);
    return true;
}
