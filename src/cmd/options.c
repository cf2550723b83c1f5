/* The option tables. Names, letters and defaults are Trivy's where it has the same thing (scan.md §1). Sorted. */
#include "cmd/command.h"

#define AT(member) offsetof(struct settings, member)

static const char *const severities[] = { "UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL", NULL };
static const char *const statuses[] = { "unknown",      "not_affected", "affected",    "fixed", "under_investigation",
                                        "will_not_fix", "fix_deferred", "end_of_life", NULL };
static const char *const scanners[] = { "vuln", "none", "secret", "misconfig", "license", NULL };
static const struct synonym scanner_synonyms[] = { { "config", "misconfig" }, { 0 } };
static const char *const cache_backends[] = { "fs", "memory", NULL };
static const char *const table_modes[] = { "summary", "detailed", NULL };
static const char *const package_types[] = { "os", "library", NULL };
static const char *const priorities[] = { "precise", "comprehensive", NULL };
/* Those of our feeds, and the others that a trivy.db may have. */
static const char *const severity_sources[] = {
    "auto",         "alma",
    "alpine",       "amazon",
    "aqua",         "arch-linux",
    "azure",        "bitnami",
    "bottlerocket", "cbl-mariner",
    "centos",       "chainguard",
    "cisa-adp",     "cna",
    "debian",       "echo",
    "fedora",       "ghsa",
    "glad",         "govulndb",
    "julia",        "k8s",
    "minimos",      "nodejs-security-wg",
    "nvd",          "oracle-oval",
    "osv",          "php-security-advisories",
    "photon",       "redhat",
    "redhat-oval",  "rocky",
    "rootio",       "ruby-advisory-db",
    "seal",         "suse-cvrf",
    "ubuntu",       "wolfi",
    NULL,
};
static const char *const image_sources[] = { "docker", "containerd", "podman", "remote", NULL };

const struct option options_global[] = {
    { "cacert", 0, OPTION_TEXT, AT(cacert), "FILE", "further certificate authorities, in PEM form", .heading = "All commands",
      .trust = TRUST_NAMED },
    { "cache-dir", 0, OPTION_TEXT, AT(cache_dir), "DIR", "cache folder: database, analysed layers", .config = "cache.dir",
      .trust = TRUST_NAMED },
    { "config", 'c', OPTION_TEXT, AT(config), "FILE", "configuration file (default: pratique.yaml, then trivy.yaml)" },
    { "debug", 'd', OPTION_FLAG, AT(debug), NULL, "say what is being done" },
    { "disable-telemetry", 0, OPTION_FLAG, AT(accepted), NULL, "accepted: there is no telemetry",
      .config = "scan.disable-telemetry" },
    { "generate-default-config", 0, OPTION_FLAG, AT(generate_default_config), NULL,
      "write a configuration file with every default, and stop" },
    { "insecure", 0, OPTION_FLAG, AT(insecure), NULL, "accept unverified TLS, and plain http of the named registry",
      .trust = TRUST_NAMED },
    { "no-color", 0, OPTION_FLAG, AT(no_color), NULL, "no colour and no links on a terminal" },
    { "no-progress", 0, OPTION_FLAG, AT(no_progress), NULL, "no progress line", .config = "db.no-progress" },
    { "quiet", 'q', OPTION_FLAG, AT(quiet), NULL, "errors only, no progress", .trust = TRUST_NAMED },
    { "skip-version-check", 0, OPTION_FLAG, AT(accepted), NULL, "accepted: no version is checked",
      .config = "scan.skip-version-check" },
    { "timeout", 0, OPTION_DURATION, AT(timeout), "TIME", "how long the whole run may take (scans: 5m0s unless given)" },
    { 0 },
};

const struct option options_scan[] = {
    { "cache-backend", 0, OPTION_TEXT, AT(cache_backend), "KIND", "fs: remember analysed layers; memory: do not",
      .initial = "fs", .config = "cache.backend", .choices = cache_backends, .heading = "What is read" },
    { "detection-priority", 0, OPTION_TEXT, AT(detection_priority), "KIND", "precise or comprehensive", .initial = "precise",
      .config = "scan.detection-priority", .choices = priorities },
    { "distro", 0, OPTION_TEXT, AT(distro), "FAMILY/VERSION", "take this operating system instead of the one found",
      .config = "scan.distro" },
    { "file-patterns", 0, OPTION_TEXTS, AT(file_patterns), "NAME:REGEX", "further file names for a cataloguer; repeatable",
      .config = "scan.file-patterns" },
    { "offline-scan", 0, OPTION_FLAG, AT(offline_scan), NULL, "no network while scanning", .config = "scan.offline" },
    { "one-file-system", 0, OPTION_FLAG, AT(accepted), NULL,
      "folders: stay on one file system (always so unless --other-mounts)" },
    { "other-mounts", 0, OPTION_FLAG, AT(other_mounts), NULL, "folders: cross into other file systems" },
    { "parallel", 0, OPTION_NUMBER, AT(parallel), "N", "layers read at once; 0: as many as CPUs", .initial = "0",
      .config = "scan.parallel" },
    { "pkg-types", 0, OPTION_LIST, AT(pkg_types), "TYPE,…", "os, library", .initial = "os,library", .config = "pkg.types",
      .choices = package_types, .needed = true },
    { "scanners", 0, OPTION_LIST, AT(scanners), "NAME,…", "vuln; none lists packages only", .initial = "vuln",
      .config = "scan.scanners", .choices = scanners, .synonyms = scanner_synonyms, .needed = true },
    { "skip-dirs", 0, OPTION_LIST, AT(skip_dirs), "GLOB,…", "folders to leave out", .config = "scan.skip-dirs" },
    { "skip-files", 0, OPTION_LIST, AT(skip_files), "GLOB,…", "files to leave out", .config = "scan.skip-files" },
    { "vuln-severity-source", 0, OPTION_LIST, AT(severity_sources), "SOURCE,…", "whose severity counts", .initial = "auto",
      .config = "vulnerability.severity-source", .choices = severity_sources, .needed = true },
    { 0 },
};

const struct option options_image[] = {
    { "docker-host", 0, OPTION_TEXT, AT(docker_host), "ADDRESS", "the Docker daemon's socket", .config = "image.docker.host",
      .heading = "Where images come from", .trust = TRUST_NAMED },
    { "image", 0, OPTION_TEXT, AT(image), "NAME", "which image of an archive that holds several", .config = "image.name" },
    { "image-src", 0, OPTION_LIST, AT(image_sources), "SOURCE,…", "where to look, in this order",
      .initial = "docker,containerd,podman,remote", .config = "image.source", .choices = image_sources, .needed = true },
    { "input", 'i', OPTION_TEXT, AT(input), "FILE", "an archive or OCI layout instead of a name; - is stdin",
      .config = "image.input" },
    { "max-image-size", 0, OPTION_SIZE, AT(max_image_size), "SIZE", "refuse larger images", .config = "image.max-size" },
    { "platform", 0, OPTION_TEXT, AT(platform), "OS/ARCH", "which platform of a multi-platform image",
      .config = "image.platform" },
    { "podman-host", 0, OPTION_TEXT, AT(podman_host), "ADDRESS", "Podman's socket", .config = "image.podman.host",
      .trust = TRUST_NAMED },
    { 0 },
};

const struct option options_registry[] = {
    { "password", 0, OPTION_TEXT, AT(password), "TEXT", "registry password (better: keep it with login)",
      .config = "registry.password", .heading = "Registries", .trust = TRUST_NAMED },
    { "password-stdin", 0, OPTION_FLAG, AT(password_stdin), NULL, "read the registry password from standard input",
      .config = "registry.password-stdin", .trust = TRUST_NAMED },
    { "registry-token", 0, OPTION_TEXT, AT(registry_token), "TEXT", "bearer token for the registry", .config = "registry.token",
      .trust = TRUST_NAMED },
    { "username", 0, OPTION_TEXT, AT(username), "NAME", "registry user", .config = "registry.username", .trust = TRUST_NAMED },
    { 0 },
};

const struct option options_database[] = {
    { "db-file", 0, OPTION_TEXT, AT(db_file), "FILE", "read this database (ours or a trivy.db)", .heading = "The database",
      .trust = TRUST_NAMED },
    { "db-repository", 0, OPTION_LIST, AT(db_repository), "REF,…", "pull the prebuilt database from here",
      .config = "db.repository", .trust = TRUST_NAMED },
    { "download-db-only", 0, OPTION_FLAG, AT(download_db_only), NULL, "fetch the database and stop",
      .config = "db.download-only" },
    { "download-java-db-only", 0, OPTION_FLAG, AT(download_java_db_only), NULL,
      "accepted: there is no second database, so it stops", .config = "db.download-java-only" },
    { "mirror", 0, OPTION_TEXTS, AT(mirrors), "FROM=TO",
      "fetch addresses that start with FROM from TO; or one base for all hosts", .config = "db.mirror", .trust = TRUST_NAMED },
    { "skip-db-update", 0, OPTION_FLAG, AT(skip_db_update), NULL, "use the database that is there",
      .config = "db.skip-update" },
    { "skip-java-db-update", 0, OPTION_FLAG, AT(accepted), NULL, "accepted: there is no second database",
      .config = "db.java-skip-update" },
    { 0 },
};

const struct option options_report[] = {
    { "exit-code", 0, OPTION_NUMBER, AT(exit_code), "N", "exit status when anything is found", .initial = "0",
      .heading = "What is reported, and how" },
    { "exit-on-eol", 0, OPTION_NUMBER, AT(exit_on_eol), "N", "exit status when the operating system has ended",
      .initial = "0" },
    { "exit-on-unjudged", 0, OPTION_NUMBER, AT(exit_on_unjudged), "N",
      "exit status when something kept the target from being judged", .initial = "0" },
    { "format", 'f', OPTION_TEXT, AT(format), "FORMAT", "table or json", .initial = "table" },
    { "ignore-status", 0, OPTION_LIST, AT(ignore_status), "STATUS,…", "leave out findings in these states",
      .config = "vulnerability.ignore-status", .choices = statuses },
    { "ignore-unfixed", 0, OPTION_FLAG, AT(ignore_unfixed), NULL, "leave out what has no fix",
      .config = "vulnerability.ignore-unfixed" },
    { "ignorefile", 0, OPTION_TEXT, AT(ignorefile), "FILE", "findings to ignore (default: .trivyignore if it is there)" },
    { "list-all-pkgs", 0, OPTION_FLAG, AT(list_all_pkgs), NULL, "JSON: all packages, not only the vulnerable ones",
      .initial = "true" },
    { "output", 'o', OPTION_TEXT, AT(output), "FILE", "write the report here", .trust = TRUST_BELOW },
    { "severity", 's', OPTION_LIST, AT(severity), "SEVERITY,…", "only these", .initial = "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
      .choices = severities, .needed = true },
    { "show-suppressed", 0, OPTION_FLAG, AT(show_suppressed), NULL, "also what the ignore file took out",
      .config = "scan.show-suppressed" },
    { "table-mode", 0, OPTION_LIST, AT(table_mode), "PART,…", "parts of the table: summary, detailed",
      .initial = "summary,detailed", .choices = table_modes, .needed = true },
    { 0 },
};

const struct option options_json[] = {
    { "format", 'f', OPTION_TEXT, AT(format), "FORMAT", "table or json", .initial = "table", .heading = "How it is reported" },
    { 0 },
};

const struct option options_ignore[] = {
    { "ignorefile", 0, OPTION_TEXT, AT(ignorefile), "FILE",
      "say what this file ignores (default: .trivyignore if it is there)" },
    { 0 },
};
