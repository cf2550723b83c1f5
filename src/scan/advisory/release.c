#include "scan/advisory/release.h"

static const struct {
    const char *codename, *bucket;
} debian[] = {
    { "bookworm", "debian 12" }, { "bullseye", "debian 11" }, { "buster", "debian 10" },    { "duke", "debian 15" },
    { "forky", "debian 14" },    { "jessie", "debian 8" },    { "sid", "debian unstable" }, { "stretch", "debian 9" },
    { "trixie", "debian 13" },   { "wheezy", "debian 7" },
};

static const struct {
    const char *codename, *release;
    bool extended; /* long-term releases */
} ubuntu[] = {
    { "artful", "17.10" },         { "bionic", "18.04", true }, { "cosmic", "18.10" },       { "disco", "19.04" },
    { "eoan", "19.10" },           { "focal", "20.04", true },  { "groovy", "20.10" },       { "hirsute", "21.04" },
    { "impish", "21.10" },         { "jammy", "22.04", true },  { "kinetic", "22.10" },      { "lunar", "23.04" },
    { "mantic", "23.10" },         { "noble", "24.04", true },  { "oracular", "24.10" },     { "plucky", "25.04" },
    { "precise", "12.04", true },  { "quantal", "12.10" },      { "questing", "25.10" },     { "raring", "13.04" },
    { "resolute", "26.04", true }, { "saucy", "13.10" },        { "trusty", "14.04", true }, { "utopic", "14.10" },
    { "vivid", "15.04" },          { "wily", "15.10" },         { "xenial", "16.04", true }, { "yakkety", "16.10" },
    { "zesty", "17.04" },
};

struct str release_debian_bucket(struct str codename)
{
    for (size_t i = 0; i < sizeof debian / sizeof *debian; i++)
        if (str_is(codename, debian[i].codename)) return str_of(debian[i].bucket);
    return (struct str){ 0 };
}

struct str release_ubuntu(struct str codename)
{
    for (size_t i = 0; i < sizeof ubuntu / sizeof *ubuntu; i++)
        if (str_is(codename, ubuntu[i].codename)) return str_of(ubuntu[i].release);
    return (struct str){ 0 };
}

bool release_ubuntu_has_extended(struct str release)
{
    for (size_t i = 0; i < sizeof ubuntu / sizeof *ubuntu; i++)
        if (str_is(release, ubuntu[i].release)) return ubuntu[i].extended;
    return false;
}
