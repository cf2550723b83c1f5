/* reference: {"input": TEXT} -> its parts and both its printed forms, or the id of the error. */
#include "probe.h"
#include "oci/oci.h"

void probe_reference(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct oci_reference reference;
    json_open(answer, '{');
    bool valid = oci_reference_parse(arena, json_str(request, "input"), &reference, &error);
    json_key(answer, "valid");
    json_put_bool(answer, valid);
    if (valid) {
        json_member_str(answer, "registry", reference.registry);
        json_member_str(answer, "repository", reference.repository);
        json_member_str(answer, "tag", reference.tag);
        json_member_str(answer, "digest", reference.digest);
        json_member_str(answer, "canonical", oci_reference_canonical(arena, &reference));
        json_member_str(answer, "familiar", oci_reference_familiar(arena, &reference));
    } else {
        json_member_str(answer, "error", str_of(error.id));
    }
    json_close(answer, '}');
}
