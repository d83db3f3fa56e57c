/* The module as C. wasm2c of wabt 1.0.42 writes imds-core.c and imds-core.h, which need the files of wabt's
 * folder wasm2c/:
 *     wasm2c imds-core.wasm -n imds -o imds-core.c
 *     cc -O2 -I WASM2C server.c imds-core.c WASM2C/wasm-rt-impl.c WASM2C/wasm-rt-mem-impl.c -lm -o server */
#include "imds-core.h"
#include <string.h>

static w2c_imds module; /* with its memory; one thread at a time may use it */
static u32 imds;

static void load(void)
{
    wasm_rt_init();
    wasm2c_imds_instantiate(&module);
    imds = w2c_imds_imds_new(&module);
}

/* Calls a function of the module with the handle and these arguments. */
#define CALL(name, ...) w2c_imds_##name(&module, imds, __VA_ARGS__)

static u32 word(u32 at)
{
    u32 value;
    memcpy(&value, module.w2c_memory.data + at, sizeof value);
    return value;
}

/* The bytes whose address is at an address, until the next call. */
static const u8 *bytes(u32 at) { return module.w2c_memory.data + word(at); }

/* Copies bytes to the module and returns their address. */
static u32 copy(const void *from, u32 length)
{
    u32 at = CALL(imds_input, length);
    if (at) memcpy(module.w2c_memory.data + at, from, length);
    return at;
}
