/* The door of room `oci`: references, digests, manifests, layouts, docker archives, registries. */
#ifndef OCI_OCI_H
#define OCI_OCI_H

#include "oci/artifact.h"
#include "oci/challenge.h"
#include "oci/credential.h"
#include "oci/digest.h"
#include "oci/image.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "oci/registries.h"

#endif
