#include "http/client/curl.h"
#include "http/client/client.h"

#include <pthread.h>

struct curl_functions curl_call;

#define SYMBOL(name)                            \
    {                                           \
        "curl_" #name, (void **)&curl_call.name \
    }

static const struct library_symbol symbols[] = {
    SYMBOL(easy_cleanup),    SYMBOL(easy_getinfo),   SYMBOL(easy_init),     SYMBOL(easy_pause),          SYMBOL(easy_reset),
    SYMBOL(easy_setopt),     SYMBOL(easy_strerror),  SYMBOL(global_init),   SYMBOL(multi_add_handle),    SYMBOL(multi_cleanup),
    SYMBOL(multi_info_read), SYMBOL(multi_init),     SYMBOL(multi_perform), SYMBOL(multi_remove_handle), SYMBOL(multi_wait),
    SYMBOL(slist_append),    SYMBOL(slist_free_all), { NULL, NULL },
};

static struct library http_library = { "libcurl.so.4", "libcurl4", "anything over the network", symbols, NULL };

static void initialise(void) { curl_call.global_init(CURL_GLOBAL_DEFAULT); }

bool http_load(struct error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!library_load(&http_library, error)) return false;
    pthread_once(&once, initialise);
    return true;
}
