#include "unit.h"
#include "scan/advisory/version.h"

/* What stands between two versions: '<', '=', '>', or '?' where one of them is none of the scheme. */
struct row {
    const char *a;
    char relation;
    const char *b;
};

static char relation_of(const struct version_order *order, struct str a, struct str b)
{
    int sign;
    return version_compare(order, a, b, &sign) ? "<=>"[sign + 1] : '?';
}

static char mirrored(char relation) { return relation == '<' ? '>' : relation == '>' ? '<' : relation; }

/* Each row in both directions. */
static void ensure_order(const struct version_order *order, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct str a = str_of(rows[i].a), b = str_of(rows[i].b);
        char forth = relation_of(order, a, b), back = relation_of(order, b, a);
        if (forth != rows[i].relation || back != mirrored(rows[i].relation))
            fail_msg("%s: %s %c %s, got %c and back %c", order->name, rows[i].a, rows[i].relation, rows[i].b, forth, back);
    }
}
#define ENSURE_ORDER(order, ...)                                  \
    do {                                                          \
        static const struct row rows[] = { __VA_ARGS__ };         \
        ensure_order(&(order), rows, sizeof rows / sizeof *rows); \
    } while (0)

static void deb__orders_as_dpkg(void **state)
{
    ENSURE_ORDER(version_deb, { "1.0~rc1", '<', "1.0" }, { "1.0", '=', "1.0-0" }, { "1.0-0", '<', "1.0-1" },
                 { "1.0-1", '<', "1.0-1+b1" }, { "1.0-1+b1", '<', "1.0+b1" }, { "2:0", '>', "1:9" }, { "0:1", '=', "1" },
                 { "1.2.3-3+deb12u1", '<', "1.2.3-3+deb12u10" }, { "1.0a", '<', "1.0+" }, { "1.0.", '>', "1.0" },
                 { "1.002", '=', "1.2" }, { "1-1-1", '>', "1-1" }, { " 1.0 ", '=', "1.0" }, { "1~~", '<', "1~" },
                 { "99999999999999999999999999", '<', "99999999999999999999999999.1" });
}

static void deb__refuses_what_dpkg_warns_of(void **state)
{
    ENSURE_ORDER(version_deb, { "", '?', "1" }, { "a1", '?', "1" }, { "1_2", '?', "1" }, { "1.0-", '?', "1" },
                 { ":1", '?', "1" }, { "x:1", '?', "1" }, { "1:", '?', "1" }, { "4294967296:1", '?', "1" },
                 { "1.0-1-", '?', "1" }, { "1 2", '?', "1" }, { "1\xc3\xa9", '?', "1" });
}

static void rpm__orders_parts_as_rpmvercmp(void **state)
{
    ENSURE_ORDER(version_rpm_part, { "1.0~rc1", '<', "1.0" }, { "1.0", '<', "1.0^git1" }, { "1.0^git1", '<', "1.0.1" },
                 { "1.05", '=', "1.5" }, { "1.0a", '<', "1.0.1" }, { "10.0001", '=', "10.1" }, { "2_0", '=', "2.0" },
                 { "1.0a", '>', "1.0" }, { "a", '<', "1" }, { "1.0^a", '<', "1.0^b" }, { "1.0~~", '<', "1.0~" },
                 { "", '<', "1" }, { "1..0", '=', "1.0" }, { "10a2", '<', "10b2" }, { "1.1.\xce\xb1", '=', "1.1.\xce\xb2" });
}

static void rpm__orders_whole_versions(void **state)
{
    ENSURE_ORDER(version_rpm, { "1:1.0-1", '>', "2.0-1" }, { "0:1.0-1", '=', "1.0-1" }, { "1.0", '=', "1.0-7" },
                 { "1.0-2.el9", '<', "1.0-10.el9" }, { "1.0-1", '<', "1.0.1-1" }, { "1.0-1.el8", '<', "1.0-1.el8_1" },
                 { "10:1", '>', "9:1" });
    ENSURE_ORDER(version_rpm_package, { "1.0", '<', "1.0-7" }, { "1.0", '<', "1.0-" }, { "3", '<', "1:2" },
                 { "1-1", '=', "1-1" });
}

static void apk__orders_as_apk_tools(void **state)
{
    ENSURE_ORDER(version_apk, { "1.1_rc1", '<', "1.1" }, { "1.1", '<', "1.1-r1" }, { "1.1-r1", '<', "1.1_p1" },
                 { "1.0a", '>', "1.0_p1" }, { "1.2.3-r4", '<', "1.2.3-r10" }, { "1.10", '>', "1.9" }, { "1.01", '<', "1.1" },
                 { "1.001", '<', "1.01" }, { "1.2a", '<', "1.2b" }, { "1.2_alpha", '<', "1.2_beta" },
                 { "1.2_beta", '<', "1.2_pre" }, { "1.2_pre", '<', "1.2_rc" }, { "1.2_cvs", '<', "1.2_svn" },
                 { "1.2_svn", '<', "1.2_git" }, { "1.2_git", '<', "1.2_hg" }, { "1.2_hg", '<', "1.2_p" },
                 { "1.2_rc2", '<', "1.2_rc10" }, { "1.2_alpha_pre2", '<', "1.2_alpha" }, { "1.0_rc1-r3", '<', "1.0-r0" },
                 { "3.0.15-r1", '>', "3.0.15-r0" }, { "1.0_p20230101", '<', "1.0_p20230102" }, { "6b-r7", '>', "6-r9" });
}

/* Before 2.14 the first two were the other way round. */
static void apk__reads_zeros_as_apk_tools_2_14(void **state)
{
    ENSURE_ORDER(version_apk, { "1.0_rc1", '<', "1.0" }, { "1.00_rc1", '<', "1.00" }, { "1.00", '<', "1.0" },
                 { "1.0", '<', "1.0.0" }, { "1.010", '>', "1.09" });
}

static void apk__puts_unreadable_ends_below_readable_ones(void **state)
{
    ENSURE_ORDER(version_apk, { "1-r-1", '<', "1-r0" }, { "1-r-1", '<', "1" }, { "1.2.0A", '<', "1.2.0d" },
                 { "1.2_foo", '<', "1.2" }, { "1.2_foo", '<', "1.2_svn1" }, { "1.2_foo", '>', "1.2_rc1" },
                 { "1-rx", '=', "1--r" }, { "1-r0-1", '=', "1-r0-2" }, { "1-r2-x", '>', "1" });
}

static void semver__orders_npm_versions(void **state)
{
    ENSURE_ORDER(version_npm, { "1.0.0-alpha", '<', "1.0.0-alpha.1" }, { "1.0.0-alpha.1", '<', "1.0.0-alpha.beta" },
                 { "1.0.0-beta.2", '<', "1.0.0-beta.11" }, { "1.0.0-rc.1", '<', "1.0.0" }, { "v1.2.3", '=', "1.2.3" },
                 { "1.2.3+a", '=', "1.2.3+b" }, { "1.0.0--", '>', "1.0.0-0" }, { "1.2", '?', "1.2.0" },
                 { "1.2.3.4", '?', "1.2.3" }, { "01.2.3", '?', "1.2.3" }, { "1.2.3-01", '?', "1.2.3" },
                 { "1.2.3-", '?', "1.2.3" }, { "1.2.3-a..b", '?', "1.2.3" }, { "9007199254740992.0.0", '?', "1.2.3" },
                 { "9007199254740991.0.0", '>', "1.2.3" });
}

static void semver__orders_the_generic_ecosystems(void **state)
{
    ENSURE_ORDER(version_generic, { "1.2", '=', "1.2.0.0" }, { "1.2.3.4", '>', "1.2.3" }, { "1.0rc1", '<', "1.0" },
                 { "v2", '>', "1.99" }, { "1.0.0-1", '<', "1.0.0-a" }, { "1.0+b", '=', "1.0" }, { "1.", '?', "1" },
                 { "x", '?', "1" });
}

static void semver__orders_the_ecosystems_with_small_differences(void **state)
{
    ENSURE_ORDER(version_nuget, { "1.0.0-BETA", '=', "1.0.0-beta+x" }, { "1.0", '=', "1.0.0.0" }, { "1.0.01", '=', "1.0.1" },
                 { "1.0.0-a.10", '>', "1.0.0-A.9" }, { "1.2.3.4.5", '>', "1.2.3.4" }, { "1.0.0.1-a", '>', "1.0.0" });
    ENSURE_ORDER(version_pub, { "1.0.0", '<', "1.0.0+1" }, { "1.0.0+2", '<', "1.0.0+10" }, { "1.0.0+9", '<', "1.0.0+a" },
                 { "1.0.0-a+z", '<', "1.0.0" }, { "1.0", '=', "1.0.0" }, { "1.0.0-", '?', "1" });
    ENSURE_ORDER(version_cran, { "1.0-1", '=', "1.0.1" }, { "1.0", '<', "1.0.0" }, { "1.9", '<', "1.10" }, { "1.a", '?', "1" },
                 { "1.", '?', "1" }, { "", '?', "1" });
    ENSURE_ORDER(version_hackage, { "1.0", '<', "1.0.0" }, { "0.11.3", '<', "1" }, { "1-1", '?', "1" });
}

static void go__orders_modules_and_toolchains(void **state)
{
    ENSURE_ORDER(
        version_go, { "v2.0.0+incompatible", '=', "v2.0.0" }, { "v1.2.4-0.20190101000000-abcdefabcdef", '>', "v1.2.3" },
        { "v1.2.4-0.20190101000000-abcdefabcdef", '<', "v1.2.4" },
        { "v0.0.0-20190101000000-a", '<', "v0.0.0-20200101000000-a" }, { "1.21", '<', "1.21rc1" }, { "1.21rc2", '<', "1.21.0" },
        { "go1.20", '=', "1.20.0" }, { "1.20rc1", '<', "1.20" }, { "1.21rc2", '<', "1.21rc10" },
        { "1.21beta1", '<', "1.21rc1" }, { "v1.2", '=', "v1.2.0" }, { "go1.x", '?', "1" });
}

static void pep440__orders_as_packaging(void **state)
{
    ENSURE_ORDER(version_pep440, { "1.0.dev1", '<', "1.0a1.dev1" }, { "1.0a1.dev1", '<', "1.0a1" }, { "1.0a1", '<', "1.0b1" },
                 { "1.0b1", '<', "1.0rc1" }, { "1.0rc1", '<', "1.0" }, { "1.0", '<', "1.0.post1.dev1" },
                 { "1.0.post1.dev1", '<', "1.0.post1" }, { "1.0", '=', "1.0.0" }, { "1!0", '>', "9" },
                 { "1.0+abc", '<', "1.0+1" }, { "1.0", '<', "1.0+abc" }, { "1.0+1", '<', "1.0+1.1" },
                 { "v1.0-ALPHA_2", '=', "1.0a2" }, { "1.0-1", '=', "1.0.post1" }, { "1.0preview3", '=', "1.0c3" },
                 { "1.0.rev", '=', "1.0.post0" }, { "1.0a", '=', "1.0a0" }, { "1.0+UBUNTU-1", '=', "1.0+ubuntu.1" },
                 { "1.0a.dev", '=', "1.0a0.dev0" }, { "1.0-final", '?', "1.0" }, { "1.0+", '?', "1.0" }, { "", '?', "1.0" },
                 { "1.0.", '?', "1.0" });
}

static void maven__orders_as_comparable_version(void **state)
{
    ENSURE_ORDER(version_maven, { "1-alpha", '<', "1-beta" }, { "1-beta", '<', "1-milestone" }, { "1-milestone", '<', "1-rc" },
                 { "1-rc", '=', "1-cr" }, { "1-rc", '<', "1-SNAPSHOT" }, { "1-SNAPSHOT", '<', "1" }, { "1", '=', "1.ga" },
                 { "1", '=', "1-final" }, { "1", '=', "1.0.RELEASE" }, { "1", '<', "1-sp" }, { "1-sp", '<', "1-abc" },
                 { "1-abc", '<', "1-1" }, { "1-1", '<', "1.1" }, { "1-a1", '=', "1-alpha-1" }, { "1.foo", '=', "1-foo" },
                 { "6.1.12.rc5", '>', "6.1.12rc1" }, { "1.0.0", '=', "1" }, { "1x", '=', "1-x" }, { "1_1", '<', "1.1" },
                 { "2.0", '>', "1.99999999999999999999" }, { "1-0.alpha", '<', "1" }, { "", '=', "0" });
}

static void rubygems__orders_as_gem_version(void **state)
{
    ENSURE_ORDER(version_rubygems, { "1.0.a", '<', "1.0" }, { "1.0", '=', "1.0.0" }, { "1.0-1", '=', "1.0.pre.1" },
                 { "1.0.rc1", '<', "1.0.rc2" }, { "1.0.a10", '>', "1.0.a9" }, { "1.0.0.a", '=', "1.0.a.0" },
                 { "1.10", '>', "1.9" }, { "", '=', "0" }, { "1gamma", '?', "1" }, { "1..2", '?', "1" }, { "1-", '?', "1" },
                 { "a", '?', "1" });
}

static void composer__orders_as_php(void **state)
{
    ENSURE_ORDER(version_composer, { "1.0-dev", '<', "1.0-alpha1" }, { "1.0a1", '<', "1.0b1" }, { "1.0-beta2", '<', "1.0-RC1" },
                 { "1.0-RC1", '<', "1.0" }, { "1.0", '<', "1.0-p1" }, { "1.0-p1", '=', "1.0pl1" }, { "v1.0", '=', "1.0" },
                 { "dev-main", '<', "0.1" }, { "1.0", '<', "1.0.0" }, { "8.0.0-beta9", '<', "8.0.0-beta10" }, { "", '?', "1" });
}

static void versions__are_bounded(void **state)
{
    static char text[VERSION_LIMIT + 1];
    memset(text, '1', sizeof text);
    for (size_t i = 0; i < version_order_count(); i++) {
        const struct version_order *order = version_order_at(i);
        int sign;
        bool inside;
        assert_false(version_compare(order, str_make(text, sizeof text), STR("1"), &sign));
        assert_false(version_satisfies(order, str_make(text, sizeof text), STR("=1"), &inside));
        assert_false(version_satisfies(order, STR("1"), str_make(text, sizeof text), &inside));
    }
}

static void schemes__are_found_by_name(void **state)
{
    for (size_t i = 0; i < version_order_count(); i++) {
        const struct version_order *order = version_order_at(i);
        assert_ptr_equal(version_order_find(str_of(order->name)), order);
        if (i) assert_true(strcmp(version_order_at(i - 1)->name, order->name) < 0);
    }
    assert_null(version_order_find(STR("none")));
    assert_null(version_order_at(version_order_count()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deb__orders_as_dpkg),
        cmocka_unit_test(deb__refuses_what_dpkg_warns_of),
        cmocka_unit_test(rpm__orders_parts_as_rpmvercmp),
        cmocka_unit_test(rpm__orders_whole_versions),
        cmocka_unit_test(apk__orders_as_apk_tools),
        cmocka_unit_test(apk__reads_zeros_as_apk_tools_2_14),
        cmocka_unit_test(apk__puts_unreadable_ends_below_readable_ones),
        cmocka_unit_test(semver__orders_npm_versions),
        cmocka_unit_test(semver__orders_the_generic_ecosystems),
        cmocka_unit_test(semver__orders_the_ecosystems_with_small_differences),
        cmocka_unit_test(go__orders_modules_and_toolchains),
        cmocka_unit_test(pep440__orders_as_packaging),
        cmocka_unit_test(maven__orders_as_comparable_version),
        cmocka_unit_test(rubygems__orders_as_gem_version),
        cmocka_unit_test(composer__orders_as_php),
        cmocka_unit_test(versions__are_bounded),
        cmocka_unit_test(schemes__are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
