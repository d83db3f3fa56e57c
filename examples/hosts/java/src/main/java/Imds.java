import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.Value;
import java.io.File;

/** An instance of the module. One thread at a time may use it. */
final class Imds {
    final Memory memory;
    private final Instance module;
    private final long handle;

    Imds(File wasm) {
        module = Instance.builder(Parser.parse(wasm)).build();
        memory = module.memory();
        handle = module.export("imds_new").apply()[0];
    }

    /** Calls a function of the module with the handle and these arguments. */
    int call(String name, long... arguments) {
        long[] all = new long[arguments.length + 1];
        all[0] = handle;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return (int) module.export(name).apply(all)[0];
    }

    /** Copies bytes to the module and returns their address. */
    int write(byte[] bytes, int count) {
        int at = call("imds_input", count);
        memory.write(at, bytes, 0, count);
        return at;
    }

    /** Copies the bytes whose address and length are at an address; none at address 0. */
    byte[] bytes(int at) {
        return at == 0 ? new byte[0] : memory.readBytes(memory.readInt(at), memory.readInt(at + 4));
    }

    static long now() {
        return Value.doubleToLong(System.currentTimeMillis());
    }
}
