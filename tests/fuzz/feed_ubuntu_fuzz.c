/* The Ubuntu CVE tracker's text files. */
#include "feed_fuzz.h"

extern const struct feed_reader feed_ubuntu_tracker;

static const struct feed_choice choices[] = { { &feed_ubuntu_tracker, "ubuntu-tracker", "active/CVE-2024-1000" } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return feed_fuzz(choices, 1, data, size); }
