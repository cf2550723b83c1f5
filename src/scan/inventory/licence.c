/* Licence names in the many spellings of package metadata, to SPDX identifiers (scan.md §21).
 *
 * A spelling is taken apart: family, version, "or later" or "only", exception. What has no row here stays as it is written. */
#include "scan/inventory/catalogue.h"

/* ---- the table: families with versions ---- */

/* Keys are upper case, single blanks, without THE at the start and LICENSE at the end. `otherwise` is the version of a name
 * without one; a trailing '+' says "or later". GNU families end in -only or -or-later. Sorted. */
static const struct family {
    const char *key, *id, *versions, *otherwise;
    bool gnu;
} families[] = {
    { "ACADEMIC FREE", "AFL", "1.1 1.2 2.0 2.1 3.0", NULL, false },
    { "AFFERO GENERAL PUBLIC", "AGPL", "1.0 3.0", "3.0+", true },
    { "AFL", "AFL", "1.1 1.2 2.0 2.1 3.0", NULL, false },
    { "AGPL", "AGPL", "1.0 3.0", "3.0+", true },
    { "APACHE", "Apache", "1.0 1.1 2.0", "2.0", false },
    { "APACHE SOFTWARE", "Apache", "1.0 1.1 2.0", "2.0", false },
    { "ARTISTIC", "Artistic", "1.0 2.0", "2.0", false },
    { "ASL", "Apache", "1.0 1.1 2.0", "2.0", false },
    { "BLUEOAK", "BlueOak", "1.0.0", NULL, false },
    { "BOOST", "BSL", "1.0", "1.0", false },
    { "BOOST SOFTWARE", "BSL", "1.0", "1.0", false },
    { "BSL", "BSL", "1.0", NULL, false },
    { "CC BY", "CC-BY", "1.0 2.0 2.5 3.0 4.0", NULL, false },
    { "CC BY SA", "CC-BY-SA", "1.0 2.0 2.5 3.0 4.0", NULL, false },
    { "CC-BY", "CC-BY", "1.0 2.0 2.5 3.0 4.0", NULL, false },
    { "CC-BY-SA", "CC-BY-SA", "1.0 2.0 2.5 3.0 4.0", NULL, false },
    { "CC0", "CC0", "1.0", "1.0", false },
    { "CDDL", "CDDL", "1.0 1.1", "1.0", false },
    { "COMMON DEVELOPMENT AND DISTRIBUTION", "CDDL", "1.0 1.1", "1.0", false },
    { "COMMON PUBLIC", "CPL", "1.0", "1.0", false },
    { "CPL", "CPL", "1.0", "1.0", false },
    { "ECL", "ECL", "1.0 2.0", NULL, false },
    { "ECLIPSE", "EPL", "1.0 2.0", "1.0", false },
    { "ECLIPSE PUBLIC", "EPL", "1.0 2.0", "1.0", false },
    { "EPL", "EPL", "1.0 2.0", "1.0", false },
    { "EUPL", "EUPL", "1.0 1.1 1.2", NULL, false },
    { "EUROPEAN UNION PUBLIC", "EUPL", "1.0 1.1 1.2", NULL, false },
    { "GENERAL PUBLIC", "GPL", "1.0 2.0 3.0", "2.0+", true },
    { "GFDL", "GFDL", "1.1 1.2 1.3", "1.1+", true },
    { "GNU AFFERO GENERAL PUBLIC", "AGPL", "1.0 3.0", "3.0+", true },
    { "GNU AGPL", "AGPL", "1.0 3.0", "3.0+", true },
    { "GNU FREE DOCUMENTATION", "GFDL", "1.1 1.2 1.3", "1.1+", true },
    { "GNU GENERAL PUBLIC", "GPL", "1.0 2.0 3.0", "2.0+", true },
    { "GNU GPL", "GPL", "1.0 2.0 3.0", "2.0+", true },
    { "GNU LESSER", "LGPL", "2.0 2.1 3.0", "2.0+", true },
    { "GNU LESSER GENERAL PUBLIC", "LGPL", "2.0 2.1 3.0", "2.0+", true },
    { "GNU LGPL", "LGPL", "2.0 2.1 3.0", "2.0+", true },
    { "GNU LIBRARY GENERAL PUBLIC", "LGPL", "2.0 2.1 3.0", "2.0+", true },
    { "GNU LIBRARY OR LESSER GENERAL PUBLIC", "LGPL", "2.0 2.1 3.0", "2.0+", true },
    { "GPL", "GPL", "1.0 2.0 3.0", "2.0+", true },
    { "LESSER GENERAL PUBLIC", "LGPL", "2.0 2.1 3.0", "2.0+", true },
    { "LGPL", "LGPL", "2.0 2.1 3.0", "2.0+", true },
    { "LPPL", "LPPL", "1.0 1.1 1.2 1.3a 1.3c", NULL, false },
    { "MOZILLA PUBLIC", "MPL", "1.0 1.1 2.0", "2.0", false },
    { "MPL", "MPL", "1.0 1.1 2.0", "2.0", false },
    { "MULANPSL", "MulanPSL", "1.0 2.0", NULL, false },
    { "OFL", "OFL", "1.0 1.1", "1.1", false },
    { "OPEN SOFTWARE", "OSL", "1.0 1.1 2.0 2.1 3.0", NULL, false },
    { "OSL", "OSL", "1.0 1.1 2.0 2.1 3.0", NULL, false },
    { "PHP", "PHP", "3.0 3.01", "3.01", false },
    { "PSF", "PSF", "2.0", "2.0", false },
    { "PYTHON", "Python", "2.0", "2.0", false },
    { "PYTHON SOFTWARE FOUNDATION", "PSF", "2.0", "2.0", false },
    { "SIL OPEN FONT", "OFL", "1.0 1.1", "1.1", false },
    { "UNIVERSAL PERMISSIVE", "UPL", "1.0", "1.0", false },
    { "UPL", "UPL", "1.0", "1.0", false },
    { "ZOPE PUBLIC", "ZPL", "1.1 2.0 2.1", NULL, false },
    { "ZPL", "ZPL", "1.1 2.0 2.1", NULL, false },
};

/* ---- the table: single names. Sorted by key. ---- */

static const struct spelling {
    const char *key, *id;
} spellings[] = {
    { "0BSD", "0BSD" },
    { "2-CLAUSE BSD", "BSD-2-Clause" },
    { "3-CLAUSE BSD", "BSD-3-Clause" },
    { "4-CLAUSE BSD", "BSD-4-Clause" },
    { "ARTISTIC-1.0-PERL", "Artistic-1.0-Perl" },
    { "BEERWARE", "Beerware" },
    { "BSD", "BSD-3-Clause" },
    { "BSD 2 CLAUSE", "BSD-2-Clause" },
    { "BSD 2-CLAUSE", "BSD-2-Clause" },
    { "BSD 3 CLAUSE", "BSD-3-Clause" },
    { "BSD 3-CLAUSE", "BSD-3-Clause" },
    { "BSD 4-CLAUSE", "BSD-4-Clause" },
    { "BSD-1-CLAUSE", "BSD-1-Clause" },
    { "BSD-2", "BSD-2-Clause" },
    { "BSD-2-CLAUSE", "BSD-2-Clause" },
    { "BSD-2-CLAUSE-FREEBSD", "BSD-2-Clause-FreeBSD" },
    { "BSD-2-CLAUSE-NETBSD", "BSD-2-Clause-NetBSD" },
    { "BSD-2-CLAUSE-PATENT", "BSD-2-Clause-Patent" },
    { "BSD-2-CLAUSE-VIEWS", "BSD-2-Clause-Views" },
    { "BSD-3", "BSD-3-Clause" },
    { "BSD-3-CLAUSE", "BSD-3-Clause" },
    { "BSD-3-CLAUSE-ATTRIBUTION", "BSD-3-Clause-Attribution" },
    { "BSD-3-CLAUSE-CLEAR", "BSD-3-Clause-Clear" },
    { "BSD-3-CLAUSE-LBNL", "BSD-3-Clause-LBNL" },
    { "BSD-4", "BSD-4-Clause" },
    { "BSD-4-CLAUSE", "BSD-4-Clause" },
    { "BSD-4-CLAUSE-UC", "BSD-4-Clause-UC" },
    { "BSD-LIKE", "BSD-3-Clause" },
    { "BSD-PROTECTION", "BSD-Protection" },
    { "BSD-SOURCE-CODE", "BSD-Source-Code" },
    { "BSD-STYLE", "BSD-3-Clause" },
    { "BSD2", "BSD-2-Clause" },
    { "BSD3", "BSD-3-Clause" },
    { "BSD4", "BSD-4-Clause" },
    { "BZIP2-1.0.6", "bzip2-1.0.6" },
    { "CC0 1.0 UNIVERSAL", "CC0-1.0" },
    { "CNRI-PYTHON", "CNRI-Python" },
    { "CNRI-PYTHON-GPL-COMPATIBLE", "CNRI-Python-GPL-Compatible" },
    { "CURL", "curl" },
    { "EXPAT", "MIT" },
    { "FREEBSD", "BSD-2-Clause-FreeBSD" },
    { "FSFAP", "FSFAP" },
    { "FSFUL", "FSFUL" },
    { "FSFULLR", "FSFULLR" },
    { "FTL", "FTL" },
    { "HPND", "HPND" },
    { "ICU", "ICU" },
    { "IJG", "IJG" },
    { "INFO-ZIP", "Info-ZIP" },
    { "ISC", "ISC" },
    { "ISCL", "ISC" },
    { "JSON", "JSON" },
    { "LIBPNG", "Libpng" },
    { "LIBTIFF", "libtiff" },
    { "MIT", "MIT" },
    { "MIT-0", "MIT-0" },
    { "MIT-CMU", "MIT-CMU" },
    { "MIT/EXPAT", "MIT" },
    { "MIT/X11", "MIT" },
    { "NCSA", "NCSA" },
    { "NEW BSD", "BSD-3-Clause" },
    { "OPENLDAP", "OLDAP-2.8" },
    { "OPENLDAP-2.8", "OLDAP-2.8" },
    { "OPENSSL", "OpenSSL" },
    { "POSTGRESQL", "PostgreSQL" },
    { "RUBY", "Ruby" },
    { "SIMPLIFIED BSD", "BSD-2-Clause" },
    { "SLEEPYCAT", "Sleepycat" },
    { "TCL", "TCL" },
    { "UNICODE-DFS-2016", "Unicode-DFS-2016" },
    { "UNLICENSE", "Unlicense" },
    { "UNLICENSED", "UNLICENSED" },
    { "VIM", "Vim" },
    { "W3C", "W3C" },
    { "WTFPL", "WTFPL" },
    { "X11", "X11" },
    { "XFREE86-1.1", "XFree86-1.1" },
    { "ZLIB", "Zlib" },
    { "ZLIB/LIBPNG", "Zlib" },
};

/* ---- the table: exceptions, by the word before "exception" ---- */

static const struct exception {
    const char *key, *with_2, *with_3; /* for version 2 and 3 of the licence */
} exceptions[] = {
    { "AUTOCONF", "Autoconf-exception-2.0", "Autoconf-exception-3.0" },
    { "BISON", "Bison-exception-2.2", "Bison-exception-2.2" },
    { "CLASSPATH", "Classpath-exception-2.0", "Classpath-exception-2.0" },
    { "FONT", "Font-exception-2.0", "Font-exception-2.0" },
    { "GCC", "GCC-exception-2.0", "GCC-exception-3.1" },
    { "LIBTOOL", "Libtool-exception", "Libtool-exception" },
    { "LINUX-SYSCALL-NOTE", "Linux-syscall-note", "Linux-syscall-note" },
    { "LLVM", "LLVM-exception", "LLVM-exception" },
    { "TEXINFO", "Texinfo-exception", "Texinfo-exception" },
};

/* ---- taking a spelling apart ---- */

#define KEY_LIMIT 160

struct spelled {
    char key[KEY_LIMIT];
    size_t size;
    bool plus, only;
};

static bool ends(const struct spelled *name, const char *tail)
{
    return str_ends(str_make(name->key, name->size), tail) && name->size > strlen(tail);
}

static bool drop_tail(struct spelled *name, const char *tail)
{
    if (!ends(name, tail)) return false;
    name->size -= strlen(tail);
    while (name->size && strchr(" ,", name->key[name->size - 1]))
        name->size--;
    return true;
}

static void drop_head(struct spelled *name, const char *head)
{
    size_t size = strlen(head);
    if (!str_starts(str_make(name->key, name->size), head) || name->size == size) return;
    name->size -= size;
    memmove(name->key, name->key + size, name->size);
}

/* Upper case, single blanks, no commas, British spelling undone. False: too long to be a name. */
static bool key_fill(struct str text, struct spelled *name)
{
    static const struct str british = { "LICENCE", 7 };
    bool blank = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == ' ' || c == '\t' || c == ',' || c == '"') {
            blank = name->size > 0;
            continue;
        }
        if (name->size + 2 > KEY_LIMIT) return false;
        if (blank) name->key[name->size++] = ' ';
        blank = false;
        name->key[name->size++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    for (ptrdiff_t at; (at = str_find_text(str_make(name->key, name->size), british)) >= 0;)
        name->key[at + 5] = 'S';
    return name->size > 0;
}

/* "(GPLv2+)" at the end repeats the name. */
static void drop_parenthesis(struct spelled *name)
{
    ptrdiff_t open = str_find(str_make(name->key, name->size), '(');
    if (open > 0 && name->key[name->size - 1] == ')') {
        name->size = (size_t)open;
        while (name->size && name->key[name->size - 1] == ' ')
            name->size--;
    }
}

static void drop_licence_word(struct spelled *name)
{
    static const char *const tails[] = { " LICENSES", " LICENSE", "-LICENSE" };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        drop_tail(name, tails[i]);
}

static void take_suffix(struct spelled *name)
{
    static const char *const plus[] = { "-OR-LATER",  " OR LATER", " OR-LATER",
                                        "-OR-NEWER",  " OR NEWER", " OR ANY LATER VERSION",
                                        " AND LATER", "+" };
    static const char *const only[] = { "-ONLY", " ONLY" };
    for (size_t i = 0; i < sizeof plus / sizeof *plus && !name->plus; i++)
        name->plus = drop_tail(name, plus[i]);
    for (size_t i = 0; i < sizeof only / sizeof *only && !name->plus && !name->only; i++)
        name->only = drop_tail(name, only[i]);
}

static bool spelled_parse(struct str text, struct spelled *name)
{
    *name = (struct spelled){ 0 };
    if (!key_fill(text, name)) return false;
    drop_head(name, "THE ");
    drop_parenthesis(name);
    take_suffix(name);
    drop_licence_word(name);
    return true;
}

static const struct spelling *spelling_find(struct str key)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (key.size && spellings[i].key[0] == key.data[0] && str_is(key, spellings[i].key)) return &spellings[i];
    return NULL;
}

static const struct family *family_find(struct str key)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (key.size && families[i].key[0] == key.data[0] && str_is(key, families[i].key)) return &families[i];
    return NULL;
}

/* "GPL V2", "GPL-2.0", "GPLV2", "GPL VERSION 2": the digits at the end, and the key without what introduces them. */
static struct str version_take(struct spelled *name)
{
    static const char *const leads[] = { " VERSION", " VER.", " VER", " V.", " V", "-V", "V" };
    size_t start = name->size;
    while (start && (strchr("0123456789.", name->key[start - 1])))
        start--;
    struct str version = str_trim_set(str_make(name->key + start, name->size - start), ".");
    if (!version.size || !start) return (struct str){ 0 };
    name->size = start;
    while (name->size && strchr(" -", name->key[name->size - 1]))
        name->size--;
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
        if (drop_tail(name, leads[i])) break;
    drop_licence_word(name);
    return version;
}

/* "2" and "2.0" are one. */
static bool version_match(const struct family *family, struct str version, struct str *full)
{
    struct str rest = str_of(family->versions);
    for (struct str word; (word = str_word(&rest)).size;)
        if (str_equal(word, version) || (str_ends(word, ".0") && str_equal(str_to(word, word.size - 2), version))) {
            *full = word;
            return true;
        }
    return false;
}

static struct str family_name(struct arena *arena, const struct family *family, struct str version, const struct spelled *name)
{
    bool plus = name->plus;
    if (!version.size) {
        if (!family->otherwise) return (struct str){ 0 };
        version = str_of(family->otherwise);
        if (str_ends(version, "+")) {
            plus = !name->only;
            version.size--;
        }
    } else if (!version_match(family, version, &version)) {
        return (struct str){ 0 };
    }
    const char *tail = family->gnu ? (plus ? "-or-later" : "-only") : plus ? "+" : "";
    return arena_strf(arena, "%s-%.*s%s", family->id, STR_ARG(version), tail);
}

/* Empty when the table has nothing. */
static struct str known_name(struct arena *arena, struct str text)
{
    struct spelled name;
    if (!spelled_parse(text, &name)) return (struct str){ 0 };
    const struct spelling *spelling = spelling_find(str_make(name.key, name.size));
    if (spelling) return arena_strf(arena, "%s%s", spelling->id, name.plus ? "+" : "");
    const struct family *family = family_find(str_make(name.key, name.size));
    if (family) return family_name(arena, family, (struct str){ 0 }, &name);
    struct str version = version_take(&name);
    family = version.size ? family_find(str_make(name.key, name.size)) : NULL;
    /* "PSF-2" is no SPDX spelling and may be another text: only the full number counts there. */
    if (family && str_is(version, "2") && str_is(str_of(family->id), "PSF")) family = NULL;
    return family ? family_name(arena, family, version, &name) : (struct str){ 0 };
}

static ptrdiff_t find_nocase(struct str text, struct str word)
{
    for (size_t i = 0; i + word.size <= text.size; i++)
        if (str_equal_nocase(str_slice(text, i, i + word.size), word)) return (ptrdiff_t)i;
    return -1;
}

/* "GPL-2+ with Autoconf exception", "GPL-2.0-with-classpath-exception" */
static struct str with_exception(struct arena *arena, struct str text)
{
    static const struct str separators[] = { { " with ", 6 }, { "-with-", 6 } };
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        ptrdiff_t at = find_nocase(text, separators[i]);
        if (at <= 0) continue;
        struct str licence = known_name(arena, str_to(text, (size_t)at));
        struct str exception = str_trim(str_from(text, (size_t)at + separators[i].size));
        if (!licence.size || !exception.size) continue;
        for (size_t j = 0; j < sizeof exceptions / sizeof *exceptions; j++)
            if (str_equal_nocase(str_to(exception, strlen(exceptions[j].key)), str_of(exceptions[j].key)))
                exception = str_of(str_contains(licence, "-3.") ? exceptions[j].with_3 : exceptions[j].with_2);
        return arena_strf(arena, "%.*s WITH %.*s", STR_ARG(licence), STR_ARG(exception));
    }
    return (struct str){ 0 };
}

struct str licence_normalize(struct arena *arena, struct str name)
{
    name = str_trim(name);
    if (!name.size || name.size > 4 * KEY_LIMIT) return arena_str(arena, name);
    struct str known = with_exception(arena, name);
    if (!known.size) known = known_name(arena, name);
    return known.size ? known : arena_str(arena, name);
}

void licence_add(struct arena *arena, struct str name, str_vector *licences)
{
    if (!name.size || licences->count == LICENCE_LIMIT || str_vector_has(licences, name)) return;
    *vector_push(arena, licences) = name;
}

/* ---- lists of names ---- */

/* Bytes of a separator at text[at]: ", ", " or ", " and ", with a comma before the word and '_' for blanks. */
static size_t separator_size(struct str text, size_t at)
{
    static const char *const words[] = { "or", "and", "OR", "AND" };
    size_t comma = text.data[at] == ',', size = comma;
    while (at + size < text.size && strchr(" _", text.data[at + size] ? text.data[at + size] : 'x'))
        size++;
    if (size > comma)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            struct str rest = str_from(text, at + size);
            size_t word = strlen(words[i]);
            if (str_starts(rest, words[i]) && word < rest.size && strchr(" _", rest.data[word] ? rest.data[word] : 'x'))
                return size + word + 1;
        }
    return comma ? size : 0;
}

/* "GPL v2 or later", "MPL, version 2.0", "LGPL version 2 or any later version" are one name. */
static bool belongs_to_name(struct str rest)
{
    static const char *const words[] = { "later", "newer", "any", "version", "ver", "v2", "v3" };
    struct str word = str_word(&rest);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is_nocase(word, words[i])) return true;
    return false;
}

static int balance(struct str text)
{
    int open = 0;
    for (size_t i = 0; i < text.size; i++)
        open += (text.data[i] == '(') - (text.data[i] == ')');
    return open;
}

/* "((MIT OR Zlib) AND (ISC))" leaves "((MIT", "Zlib)" and "(ISC))": parentheses around names, not within them. */
static struct str part_trim(struct str part)
{
    part = str_trim(part);
    for (int open = balance(part); open > 0 && str_starts(part, "("); open--)
        part = str_trim(str_from(part, 1));
    for (int open = balance(part); open < 0 && str_ends(part, ")"); open++)
        part = str_trim(str_to(part, part.size - 1));
    if (str_starts(part, "(") && str_find(part, ')') == (ptrdiff_t)part.size - 1)
        part = str_trim(str_slice(part, 1, part.size - 1));
    return part;
}

void licence_split(struct arena *arena, struct str text, str_vector *licences)
{
    text = str_trim(text);
    size_t start = 0;
    for (size_t at = 0; at < text.size && licences->count < LICENCE_LIMIT;) {
        size_t size = separator_size(text, at);
        if (!size || belongs_to_name(str_from(text, at + size))) {
            at += size ? size : 1;
            continue;
        }
        licence_add(arena, licence_normalize(arena, part_trim(str_slice(text, start, at))), licences);
        start = at += size;
    }
    licence_add(arena, licence_normalize(arena, part_trim(str_from(text, start))), licences);
}
