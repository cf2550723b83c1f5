#include "scan/advisory/version/number.h"

static struct str cut(struct str *rest, size_t size)
{
    struct str head = str_to(*rest, size);
    *rest = str_from(*rest, size);
    return head;
}

struct str number_cut(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && is_digit(rest->data[size]))
        size++;
    return cut(rest, size);
}

struct str letters_cut(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && is_letter(rest->data[size]))
        size++;
    return cut(rest, size);
}

bool char_cut(struct str *rest, char c)
{
    if (!rest->size || *rest->data != c) return false;
    *rest = str_from(*rest, 1);
    return true;
}

bool number_is(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_digit(text.data[i])) return false;
    return text.size > 0;
}

static struct str without_zeros(struct str digits)
{
    size_t zeros = 0;
    while (zeros < digits.size && digits.data[zeros] == '0')
        zeros++;
    return str_from(digits, zeros);
}

bool number_is_zero(struct str digits) { return without_zeros(digits).size == 0; }

int number_compare(struct str a, struct str b)
{
    a = without_zeros(a);
    b = without_zeros(b);
    if (a.size != b.size) return a.size < b.size ? -1 : 1;
    return str_compare(a, b);
}

int number_compare_next(struct str a, struct str b)
{
    a = without_zeros(a);
    b = without_zeros(b);
    /* b + 1 is b with its trailing nines turned to zeros and the digit before them raised; all nines grow by a digit. */
    size_t kept = b.size;
    while (kept && b.data[kept - 1] == '9')
        kept--;
    size_t size = kept ? b.size : b.size + 1;
    if (a.size != size) return a.size < size ? -1 : 1;
    for (size_t i = 0; i < size; i++) {
        char raised = kept ? (i + 1 < kept ? b.data[i] : i + 1 == kept ? (char)(b.data[i] + 1) : '0') : (i ? '0' : '1');
        if (a.data[i] != raised) return a.data[i] < raised ? -1 : 1;
    }
    return 0;
}
