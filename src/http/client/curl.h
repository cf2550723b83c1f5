/* Private to `http/client`: libcurl behind a table of functions, loaded with the first client. No other room sees it. */
#ifndef HTTP_CLIENT_CURL_H
#define HTTP_CLIENT_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include "base/base.h"

struct curl_functions {
    __typeof__(&curl_easy_cleanup) easy_cleanup;
    __typeof__(&curl_easy_init) easy_init;
    __typeof__(&curl_easy_getinfo) easy_getinfo;
    __typeof__(&curl_easy_pause) easy_pause;
    __typeof__(&curl_easy_reset) easy_reset;
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    __typeof__(&curl_easy_strerror) easy_strerror;
    __typeof__(&curl_global_init) global_init;
    __typeof__(&curl_multi_add_handle) multi_add_handle;
    __typeof__(&curl_multi_cleanup) multi_cleanup;
    __typeof__(&curl_multi_info_read) multi_info_read;
    __typeof__(&curl_multi_init) multi_init;
    __typeof__(&curl_multi_perform) multi_perform;
    __typeof__(&curl_multi_remove_handle) multi_remove_handle;
    __typeof__(&curl_multi_wait) multi_wait;
    __typeof__(&curl_slist_append) slist_append;
    __typeof__(&curl_slist_free_all) slist_free_all;
};

extern struct curl_functions curl_call;

#endif
