#include "doc/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    yyjson_doc *document = toml_parse(str_make(data, size), "input", &error);
    yyjson_doc_free(document);
    return 0;
}
