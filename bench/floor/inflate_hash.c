/* The floor of a gzip layer: inflate it with ISA-L and hash the compressed bytes, one thread, nothing else.
 *   inflate_hash FILE          both
 *   inflate_hash FILE inflate  only inflating */
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define INPUT (256 << 10)
#define OUTPUT (256 << 10)

int main(int count, char **arguments)
{
    static unsigned char input[INPUT], output[OUTPUT], sum[32];
    int fd = count > 1 ? open(arguments[1], O_RDONLY) : -1, hashing = count < 3;
    if (fd < 0) return 2;
    struct inflate_state state;
    SHA256_CTX hash;
    SHA256_Init(&hash);
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    unsigned long long plain = 0;
    for (ssize_t got; (got = read(fd, input, sizeof input)) > 0;) {
        if (hashing) SHA256_Update(&hash, input, (size_t)got);
        state.next_in = input;
        state.avail_in = (unsigned)got;
        do {
            state.next_out = output;
            state.avail_out = OUTPUT;
            if (isal_inflate(&state) != ISAL_DECOMP_OK) return 1;
            plain += OUTPUT - state.avail_out;
        } while (state.avail_in && state.block_state != ISAL_BLOCK_FINISH);
    }
    SHA256_Final(sum, &hash);
    printf("%llu %02x%02x\n", plain, sum[0], sum[1]);
    return 0;
}
