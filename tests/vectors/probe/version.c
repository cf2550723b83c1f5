#include "probe.h"
#include "scan/advisory/version.h"

/* {"scheme", "a", "b"} → -1, 0, 1 or "invalid". */
static void compare(const struct version_order *order, yyjson_val *request, struct json_writer *answer)
{
    int sign;
    if (version_compare(order, json_str(request, "a"), json_str(request, "b"), &sign))
        json_put_int(answer, sign);
    else
        json_put_text(answer, "invalid");
}

/* {"scheme", "version", "range"} → true, false or "invalid". */
static void satisfies(const struct version_order *order, yyjson_val *request, struct json_writer *answer)
{
    bool inside;
    if (version_satisfies(order, json_str(request, "version"), json_str(request, "range"), &inside))
        json_put_bool(answer, inside);
    else
        json_put_text(answer, "invalid");
}

void probe_version(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    const struct version_order *order = version_order_find(json_str(request, "scheme"));
    if (!order)
        json_put_text(answer, "no such scheme");
    else if (json_get(request, "range"))
        satisfies(order, request, answer);
    else
        compare(order, request, answer);
}
