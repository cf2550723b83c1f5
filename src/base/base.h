/* The door of room `base`: what every other room stands on. It knows nothing of containers.
 *
 * Other rooms include this header and no other of this folder. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/container.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/library.h"
#include "base/log.h"
#include "base/regex.h"
#include "base/text.h"

#endif
