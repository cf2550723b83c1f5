/* Replays a folder of inputs through a fuzz target, for machines and runs without libFuzzer. */
#include "base/base.h"

#include <dirent.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int count, char **arguments)
{
    size_t replayed = 0;
    for (int i = 1; i < count; i++) {
        DIR *folder = opendir(arguments[i]);
        if (!folder) {
            fprintf(stderr, "no corpus at %s\n", arguments[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
            if (entry->d_name[0] == '.') continue;
            CLEANUP_ARENA struct arena *arena = arena_new();
            struct str content;
            struct error error = { 0 };
            if (!file_read(arena, path_join(arena, arguments[i], entry->d_name), (size_t)64 << 20, &content, &error)) {
                fprintf(stderr, "%s\n", error.message);
                closedir(folder);
                return 1;
            }
            /* An exact-size copy, so that reading past the end is seen by AddressSanitizer. */
            CLEANUP_FREE uint8_t *data = memory_alloc(content.size);
            if (content.size) memcpy(data, content.data, content.size);
            LLVMFuzzerTestOneInput(data, content.size);
            replayed++;
        }
        closedir(folder);
    }
    printf("%zu inputs replayed\n", replayed);
    return replayed ? 0 : 1;
}
