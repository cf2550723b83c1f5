/* Runs one of several feed readers on the bytes of a fuzzer: the first byte chooses. Rows must pass the parent's validation. */
#ifndef FEED_FUZZ_H
#define FEED_FUZZ_H

#include "scan/advisory/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct feed_choice {
    const struct feed_reader *reader;
    const char *feed, *path;
};

static inline void check_rows(const struct feed_run *run)
{
    struct str rest = buffer_view(&run->out);
    while (rest.size) {
        struct str line = str_line(&rest);
        yyjson_doc *document = NULL;
        struct row row;
        struct error error;
        if (line.size && !row_read(line, run->reader, run->input_count, &document, &row, &error)) {
            fprintf(stderr, "%s: %.*s\n", error.message, STR_ARG(line));
            abort();
        }
        yyjson_doc_free(document);
    }
}

static inline int feed_fuzz(const struct feed_choice *choices, size_t count, const uint8_t *data, size_t size)
{
    if (!size) return 0;
    const struct feed_choice *choice = &choices[data[0] % count];
    int fd = memfd_create("feed", 0);
    if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)size - 1) abort();
    struct arena *arena = arena_new();
    struct feed_input input = { choice->feed, str_of(choice->path), fd, size - 1 };
    uint64_t counts = 0;
    struct feed_run run = {
        .reader = choice->reader, .arena = arena, .inputs = &input, .input_count = 1, .counts = &counts, .output = -1
    };
    struct error error = { 0 };
    if (choice->reader->read(&run, &error)) {
        feed_put_end_of_rows(&run);
        check_rows(&run);
    } else if (!error.id) {
        abort(); /* an error says what it is */
    }
    buffer_free(&run.out);
    arena_free(arena);
    close(fd);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
