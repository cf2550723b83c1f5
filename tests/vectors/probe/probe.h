/* The probe: the product's own functions behind JSON lines, for the vector adapters. One file and one row a verb. */
#ifndef PROBE_H
#define PROBE_H

#include "base/base.h"
#include "doc/doc.h"

/* Answers one request: exactly one JSON value into the writer. */
typedef void probe_function(struct arena *arena, yyjson_val *request, struct json_writer *answer);

probe_function probe_artifact;
probe_function probe_bbolt;
probe_function probe_challenge;
probe_function probe_credential;
probe_function probe_cvss;
probe_function probe_helper;
probe_function probe_image;
probe_function probe_inventory;
probe_function probe_link;
probe_function probe_manifest;
probe_function probe_platform;
probe_function probe_ratelimit;
probe_function probe_reference;
probe_function probe_registries;
probe_function probe_retryafter;
probe_function probe_rpmdb;
probe_function probe_toml;
probe_function probe_version;

#endif
