#include "inventory_helper.h"
#include "scan/inventory/catalogue.h"

static void licence__knows_spellings(void **state)
{
    static const struct {
        const char *text, *id;
    } rows[] = {
        { "GPL", "GPL-2.0-or-later" },
        { "GPL2", "GPL-2.0-only" },
        { "GPL2+", "GPL-2.0-or-later" },
        { "GPLv2+", "GPL-2.0-or-later" },
        { "GPL-2", "GPL-2.0-only" },
        { "GPL-2.0", "GPL-2.0-only" },
        { "gpl-2.0-or-later", "GPL-2.0-or-later" },
        { "GPL 3", "GPL-3.0-only" },
        { "GPL version 2", "GPL-2.0-only" },
        { "GPL-7", "GPL-7" },
        { "GNU General Public License v3 (GPLv3)", "GPL-3.0-only" },
        { "GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later" },
        { "GNU Lesser General Public License v2.1", "LGPL-2.1-only" },
        { "The GNU General Public Licence, version 2", "GPL-2.0-only" },
        { "LGPL-2.1+", "LGPL-2.1-or-later" },
        { "LGPLv3", "LGPL-3.0-only" },
        { "Apache", "Apache-2.0" },
        { "Apache-2", "Apache-2.0" },
        { "Apache 2.0", "Apache-2.0" },
        { "Apache License 2.0", "Apache-2.0" },
        { "Apache License, Version 2.0", "Apache-2.0" },
        { "Apache Software License", "Apache-2.0" },
        { "ASL 2.0", "Apache-2.0" },
        { "MPL 2.0", "MPL-2.0" },
        { "MPLv2.0", "MPL-2.0" },
        { "Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0" },
        { "EPL", "EPL-1.0" },
        { "BSD", "BSD-3-Clause" },
        { "BSD License", "BSD-3-Clause" },
        { "bsd-3-clause", "BSD-3-Clause" },
        { "The MIT License (MIT)", "MIT" },
        { "Expat", "MIT" },
        { "ISC License (ISCL)", "ISC" },
        { "openssl", "OpenSSL" },
        { "zlib", "Zlib" },
        { "Python", "Python-2.0" },
        { "Artistic", "Artistic-2.0" },
        { "GPL-2+ with Autoconf exception", "GPL-2.0-or-later WITH Autoconf-exception-2.0" },
        { "GPL-3.0-with-GCC-exception", "GPL-3.0-only WITH GCC-exception-3.1" },
        { "GPL-2+ with Libtool exception", "GPL-2.0-or-later WITH Libtool-exception" },
        { "BSD-3", "BSD-3-Clause" },
        { "PSF-2", "PSF-2" },
        { "Public-Domain", "Public-Domain" },
        { "PD", "PD" },
        { "permissive-fsf", "permissive-fsf" },
        { "  custom ", "custom" },
        { "", "" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_str(licence_normalize(arena, str_of(rows[i].text)), rows[i].id);
}

static void licence__splits_lists(void **state)
{
    static const struct {
        const char *text, *ids;
    } rows[] = {
        { "GPL-2 or MIT", "GPL-2.0-only | MIT" },
        { "MIT, BSD and ISC", "MIT | BSD-3-Clause | ISC" },
        { "GPL-1+ or Artistic, and Zlib", "GPL-1.0-or-later | Artistic-2.0 | Zlib" },
        { "Mozilla Public License, version 2.0", "MPL-2.0" },
        { "GNU Lesser General Public License v2 or later (LGPLv2+)", "LGPL-2.0-or-later" },
        { "MIT, MIT", "MIT" },
        { "Zlib,", "Zlib" },
        { "(MIT OR CC0-1.0)", "MIT | CC0-1.0" },
        { "(MIT)", "MIT" },
        { "((MIT OR Zlib) AND (ISC))", "MIT | Zlib | ISC" },
        { "ISC License (ISCL)", "ISC" },
        { "Oracle", "Oracle" },
        { "", "" },
        { ",", "" },
        { "MIT AND BSD-2-Clause", "MIT | BSD-2-Clause" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        str_vector ids = { 0 };
        licence_split(tree.arena, str_of(rows[i].text), &ids);
        assert_string_equal(joined(&tree, &ids), rows[i].ids);
        tree_free(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(licence__knows_spellings), cmocka_unit_test(licence__splits_lists) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
