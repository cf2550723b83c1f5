/* Feeds in yum's updateinfo form: the first byte chooses one. */
#include "feed_fuzz.h"

extern const struct feed_reader feed_amazon, feed_rocky_updateinfo;

static const struct feed_choice choices[] = {
    { &feed_amazon, "amazon-updateinfo", "u.xml" },
    { &feed_rocky_updateinfo, "rocky-updateinfo", "u.xml" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_fuzz(choices, sizeof choices / sizeof *choices, data, size);
}
