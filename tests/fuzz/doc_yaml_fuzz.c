#include "doc/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7 loses a buffer of 4 KiB when a quoted text is followed by an error: once a file, and not ours to free. */
const char *__lsan_default_suppressions(void) { return "leak:libfyaml.so"; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    yyjson_doc *document = yaml_parse(str_make(data, size), "input", &error);
    yyjson_doc_free(document);
    return 0;
}
