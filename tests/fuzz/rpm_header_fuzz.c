#include "scan/inventory/rpm_database.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpm_header header;
    rpm_header_parse(str_make(data, size), &header);
    for (int tag = 0; tag < RPM_TAGS; tag++) {
        uint32_t number, sum = 0;
        struct str text;
        struct rpm_strings list = rpm_header_strings(&header, (enum rpm_tag)tag);
        while (rpm_strings_next(&list, &text))
            sum += (uint32_t)text.size;
        for (uint32_t i = 0; rpm_header_int(&header, (enum rpm_tag)tag, i, &number); i++)
            sum += number;
        text = rpm_header_binary(&header, (enum rpm_tag)tag);
        if (text.size) sum += (unsigned char)text.data[text.size - 1];
        *(volatile uint32_t *)&sum;
    }
    return 0;
}
