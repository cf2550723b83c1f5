/* What a confined reader sends to its parent, which trusts none of it. */
#include "scan/advisory/row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed_source sources[] = { { "debian ", "debian", "n", "u" },
                                                  { "Red Hat", "redhat-oval", "n", "u" },
                                                  { NULL, NULL, NULL, NULL } };
    static const struct feed_reader reader = { .name = "fuzz", .sources = sources, .facts = "debian nvd epss" };
    struct str rest = str_make(data, size);
    while (rest.data) {
        yyjson_doc *document = NULL;
        struct row row;
        struct error error;
        row_read(str_line(&rest), &reader, 2, &document, &row, &error);
        yyjson_doc_free(document);
    }
    return 0;
}
