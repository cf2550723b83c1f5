#include "scan/inventory/rpm_database.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Headers that come out are parsed too; together they cannot be larger than the file. */
static void visit(void *context, struct str blob)
{
    struct rpm_header header;
    *(size_t *)context += blob.size;
    rpm_header_parse(blob, &header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    size_t total = 0;
    rpm_sqlite_each(str_make(data, size), STR(""), visit, &total, &error);
    return 0;
}
