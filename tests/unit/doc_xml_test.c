#include "unit.h"
#include "doc/doc.h"

#include <stdio.h>

struct seen {
    struct buffer text;
    unsigned stop_after;
};

static bool on_open(void *context, struct str name, const struct xml_attribute *attributes, size_t count)
{
    struct seen *seen = context;
    buffer_printf(&seen->text, "<%.*s", STR_ARG(name));
    for (size_t i = 0; i < count; i++)
        buffer_printf(&seen->text, " %.*s=%.*s", STR_ARG(attributes[i].name), STR_ARG(attributes[i].value));
    buffer_char(&seen->text, '>');
    return !seen->stop_after || --seen->stop_after;
}

static bool on_close(void *context, struct str name)
{
    struct seen *seen = context;
    buffer_printf(&seen->text, "</%.*s>", STR_ARG(name));
    return true;
}

static bool on_text(void *context, struct str text)
{
    struct seen *seen = context;
    buffer_str(&seen->text, text);
    return true;
}

/* Feeds `xml` in pieces of `step` bytes. */
static bool read_xml(struct str xml, size_t step, struct seen *seen, struct error *error)
{
    struct xml_handler handler = { seen, on_open, on_close, on_text };
    struct xml_reader *reader = xml_reader_new(&handler, "test", error);
    assert_non_null(reader);
    bool good = true;
    while (good && xml.size) {
        good = xml_reader_feed(reader, str_to(xml, step), false, error);
        xml = str_from(xml, step);
    }
    if (good) good = xml_reader_feed(reader, (struct str){ 0 }, true, error);
    xml_reader_free(reader);
    return good;
}

static void xml__gives_the_same_events_in_any_pieces(void **state)
{
    static const char xml[] =
        "<?xml version=\"1.0\"?><a:root xmlns:a=\"u\" x=\"1 &lt; &#x32;\"><!-- c --><b/>t&amp;u<![CDATA[<v>]]></a:root>";
    static const char wanted[] = "<root x=1 < 2><b></b>t&u<v></root>";
    for (size_t step = 1; step < sizeof xml; step++) {
        struct seen seen = { 0 };
        struct error error;
        assert_true(read_xml(str_of(xml), step, &seen, &error));
        assert_string_equal(buffer_cstr(&seen.text), wanted);
        buffer_free(&seen.text);
    }
}

static void xml__refuses_what_is_broken_or_dangerous(void **state)
{
    char deep[2000] = "";
    for (int i = 0; i < 200; i++)
        strcat(deep, "<a>");
    char many[2000] = "<a";
    for (int i = 0; i < 70; i++)
        sprintf(many + strlen(many), " a%d='x>'", i);
    strcat(many, "/>");
    const struct {
        const char *xml, *id;
    } rows[] = {
        { many, "xml-attributes" },
        { "", "xml-invalid" },
        { "<a>", "xml-invalid" },
        { "<a></b>", "xml-invalid" },
        { "<a>&unknown;</a>", "xml-invalid" },
        { "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", "xml-doctype" },
        { "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "xml-doctype" },
        { "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]><a>&lol2;</a>", "xml-doctype" },
        { deep, "xml-depth" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seen seen = { 0 };
        struct error error = { 0 };
        if (read_xml(str_of(rows[i].xml), 4096, &seen, &error)) fail_msg("accepted: %s", rows[i].xml);
        if (strcmp(error.id, rows[i].id) != 0)
            fail_msg("%s: %s (%s) instead of %s", rows[i].xml, error.id, error.message, rows[i].id);
        buffer_free(&seen.text);
    }
}

/* Quotes in texts, comments and sections are no attributes, in whatever pieces they come. */
static void xml__counts_the_attributes_of_elements_alone(void **state)
{
    struct buffer xml = { 0 };
    buffer_text(&xml, "<?xml version='1.0'?><a b=\"it's > 1\">");
    for (int i = 0; i < 200; i++)
        buffer_text(&xml, "it's \"x\" <!-- don't <b c=\" --><![CDATA[<e f=\" ]] ']]>don't<c d='1' e=\"2\"/>");
    buffer_text(&xml, "</a>");
    for (size_t piece = 1; piece < 20; piece += 3) {
        struct seen seen = { 0 };
        struct error error = { 0 };
        if (!read_xml(buffer_view(&xml), piece, &seen, &error)) fail_msg("%s: %s", error.id, error.message);
        buffer_free(&seen.text);
    }
    buffer_free(&xml);
}

/* Before the tag ends: the library, which compares each with all others, must not see the whole. Whatever stands before. */
static void xml__counts_attributes_before_the_tag_ends(void **state)
{
    static const char *const starts[] = {
        "<a",        "<?x !-- ?><a", "<?x ><!-- ?><a",       "<?x ' ?><a", "<?x [CDATA[ ?><a", "<!DOCTYPE a SYSTEM \"!--\"><a",
        "<a b=\"<c", "<!-- \x01 <a", "<a><![CDATA[ \x01 <b",
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct seen seen = { 0 };
        struct error error = { 0 };
        struct xml_handler handler = { &seen, on_open, on_close, on_text };
        struct xml_reader *reader = xml_reader_new(&handler, "test", &error);
        struct buffer xml = { 0 };
        buffer_text(&xml, starts[i]);
        for (int j = 0; j < 2100; j++)
            buffer_printf(&xml, " a%d = ''", j);
        if (xml_reader_feed(reader, buffer_view(&xml), false, &error)) fail_msg("accepted: %s", starts[i]);
        if (strcmp(error.id, "xml-attributes") != 0) fail_msg("%s: %s (%s)", starts[i], error.id, error.message);
        xml_reader_free(reader);
        buffer_free(&xml);
        buffer_free(&seen.text);
    }
}

/* In which '<' and quotes have other bytes than those that are counted. */
static void xml__refuses_other_encodings(void **state)
{
    static const struct str rows[] = {
        STR("\xff\xfe<\0a\0/\0>\0"), STR("<\0a\0/\0>\0"),         STR("\0<\0a\0/\0>"),
        STR("\xfe\xff\0<\0a\0/\0>"), STR("\x4c\x6f\xa7\x94\x93"), STR("+ADw-a/+AD4-"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seen seen = { 0 };
        struct error error = { 0 };
        assert_false(read_xml(rows[i], 4096, &seen, &error));
        assert_string_equal(error.id, "xml-encoding");
        buffer_free(&seen.text);
    }
    struct seen seen = { 0 };
    struct error error = { 0 };
    assert_true(read_xml(STR("\xef\xbb\xbf<?xml version='1.0' encoding='UTF-7'?><a>+ADw-b/+AD4-</a>"), 4096, &seen, &error));
    assert_string_equal(buffer_cstr(&seen.text), "<a>+ADw-b/+AD4-</a>");
    buffer_free(&seen.text);
}

static void xml__stops_when_the_handler_says_so(void **state)
{
    struct seen seen = { .stop_after = 2 };
    struct error error = { 0 };
    assert_false(read_xml(STR("<a><b/><c/><d/></a>"), 4096, &seen, &error));
    assert_string_equal(buffer_cstr(&seen.text), "<a><b>");
    buffer_free(&seen.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(xml__gives_the_same_events_in_any_pieces),
                                        cmocka_unit_test(xml__refuses_what_is_broken_or_dangerous),
                                        cmocka_unit_test(xml__counts_the_attributes_of_elements_alone),
                                        cmocka_unit_test(xml__counts_attributes_before_the_tag_ends),
                                        cmocka_unit_test(xml__refuses_other_encodings),
                                        cmocka_unit_test(xml__stops_when_the_handler_says_so) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
