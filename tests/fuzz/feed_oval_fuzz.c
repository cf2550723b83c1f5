/* Feeds in OVAL: the first byte chooses one. */
#include "feed_fuzz.h"

extern const struct feed_reader feed_azure, feed_oracle, feed_redhat_oval, feed_suse;

static const struct feed_choice choices[] = {
    { &feed_azure, "azure-oval", "azurelinux-3.0-oval.xml" },
    { &feed_oracle, "oracle-oval", "o.xml" },
    { &feed_redhat_oval, "redhat-oval", "r.xml" },
    { &feed_suse, "suse-oval", "s.xml" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_fuzz(choices, sizeof choices / sizeof *choices, data, size);
}
