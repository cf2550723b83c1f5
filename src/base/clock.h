/* Time as nanoseconds since 1970-01-01 UTC. Results that depend on time take it as an argument. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include "base/text.h"

typedef int64_t moment;

#define SECOND ((moment)1000000000)
#define CLOCK_TEXT 40 /* bytes that clock_format needs */

/* Now. With SOURCE_DATE_EPOCH (seconds) in the environment, that: reports can be made reproducible. */
moment clock_now(void);
/* For measuring and for deadlines: never goes back. */
moment clock_monotonic(void);

/* RFC 3339 in UTC; a fraction only as long as needed: 2021-08-25T12:20:30.000000005Z */
const char *clock_format(moment time, char text[CLOCK_TEXT]);
/* A time that somebody else wrote, for people: to the second; "" when it is none. */
const char *clock_in_seconds(struct str time, char text[CLOCK_TEXT]);
/* RFC 3339 with any offset, or YYYY-MM-DD (midnight UTC). */
bool clock_parse(struct str text, moment *time);
/* Whole days from then to `now`, below 0 when it lies ahead: the age that is told of data everywhere. False: no time. */
bool clock_days_since(struct str then, moment now, int64_t *days);
/* HTTP date (RFC 9110 §5.6.7): IMF-fixdate, and the two obsolete forms. */
bool clock_parse_http(struct str text, moment *time);

#endif
