#include "base/base.h"

#include <dlfcn.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool load(struct library *library, struct error *error)
{
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        error_set(error, ERROR_UNSUPPORTED, "library-missing", "%s cannot be loaded, needed for %s", library->soname,
                  library->purpose);
        return error_hint(error, "install the package %s", library->package);
    }
    for (const struct library_symbol *symbol = library->symbols; symbol->name; symbol++) {
        *symbol->function = dlsym(handle, symbol->name);
        if (*symbol->function) continue;
        dlclose(handle);
        error_set(error, ERROR_UNSUPPORTED, "library-too-old", "%s has no %s, needed for %s", library->soname, symbol->name,
                  library->purpose);
        return error_hint(error, "install a newer %s", library->package);
    }
    __atomic_store_n(&library->handle, handle, __ATOMIC_RELEASE);
    return true;
}

bool library_load(struct library *library, struct error *error)
{
    if (__atomic_load_n(&library->handle, __ATOMIC_ACQUIRE)) return true;
    pthread_mutex_lock(&lock);
    bool loaded = library->handle || load(library, error);
    pthread_mutex_unlock(&lock);
    return loaded;
}
