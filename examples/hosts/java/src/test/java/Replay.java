import com.dylibso.chicory.wasm.types.Value;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Replays the calls of every transcript, which `imds-pkg-build calls` writes. */
public final class Replay {
    private final Imds imds;
    private int connection;

    private Replay(Imds imds) {
        this.imds = imds;
    }

    public static void main(String[] arguments) throws Exception {
        Replay replay = new Replay(new Imds(new File(arguments[0])));
        List<String> lines = Files.readAllLines(Path.of(arguments[1]));
        String transcript = "";
        int transcripts = 0;
        for (String line : lines) {
            String[] words = line.split(" ");
            if (words[0].equals("transcript")) {
                transcript = words[1];
                transcripts += 1;
                continue;
            }
            String expected = replay.expected(words);
            String actual = replay.call(words);
            if (!actual.equals(expected)) {
                System.err.println(transcript + ": " + line + "\nexpected " + expected + "\nactual   " + actual);
                System.exit(1);
            }
        }
        if (transcripts < 20) {
            System.err.println(transcripts + " transcripts");
            System.exit(1);
        }
        System.out.println(transcripts + " transcripts, " + (lines.size() - transcripts) + " calls");
    }

    /** The result that the line has. */
    private String expected(String[] words) {
        return switch (words[0]) {
            case "answer" -> join(words, 3);
            case "receive" -> words[3];
            case "transmit", "timeout", "state" -> join(words, 1);
            default -> "0";
        };
    }

    private String call(String[] words) {
        return switch (words[0]) {
            case "launch" -> {
                byte[] seed = bytes(words[3]);
                byte[] record = bytes(words[4]);
                byte[] both = Arrays.copyOf(seed, seed.length + record.length);
                System.arraycopy(record, 0, both, seed.length, record.length);
                int at = imds.write(both, both.length);
                yield "" + imds.call("imds_launch", millis(words[1]), Long.parseLong(words[2]), at, seed.length, at + seed.length, record.length);
            }
            case "modify" -> {
                byte[] change = bytes(words[3]);
                yield "" + imds.call("imds_modify_options", millis(words[1]), millis(words[2]), imds.write(change, change.length), change.length);
            }
            case "open" -> {
                connection = imds.call("imds_open", millis(words[1]), Long.parseLong(words[2]), -1);
                yield connection == 0 ? "no connection" : "0";
            }
            case "receive" -> {
                byte[] received = bytes(words[2]);
                yield "" + imds.call("imds_receive", connection, millis(words[1]), imds.write(received, received.length), received.length);
            }
            case "eof" -> "" + imds.call("imds_receive_eof", connection);
            case "answer" -> exchange(imds.call("imds_answer", connection, millis(words[1]), millis(words[1]), Long.parseLong(words[2])));
            case "transmit" -> {
                int at = imds.call("imds_poll_transmit", connection);
                yield imds.memory.readInt(at + 4) + " " + imds.memory.readInt(at + 8);
            }
            case "advance" -> "" + imds.call("imds_advance_transmit", connection, millis(words[1]), Long.parseLong(words[2]));
            case "timeout" -> {
                int at = imds.call("imds_poll_timeout", connection);
                if (at == 0) {
                    yield "none";
                }
                long due = (long) imds.memory.readDouble(at);
                yield due + " " + text("imds_timer_name", imds.memory.readInt(at + 8));
            }
            case "handle-timeout" -> "" + imds.call("imds_handle_timeout", connection, millis(words[1]));
            case "state" -> {
                int reason = imds.call("imds_close_reason", connection);
                yield imds.call("imds_state", connection) + " " + (reason == 0 ? "none" : text("imds_close_reason_name", reason));
            }
            case "close" -> "" + imds.call("imds_close", connection);
            default -> "an unknown call";
        };
    }

    private String exchange(int at) {
        if (at == 0) {
            return "none";
        }
        int status = imds.memory.readInt(at + 20);
        int rule = imds.memory.readInt(at + 24);
        int hops = imds.memory.readInt(at + 28);
        String response = HexFormat.of().formatHex(imds.bytes(at + 8));
        return status + " " + text("imds_rule_id", rule) + " " + hops + " " + (response.isEmpty() ? "-" : response);
    }

    private String text(String name, int number) {
        return new String(imds.bytes(imds.call(name, number)));
    }

    private static String join(String[] words, int from) {
        return String.join(" ", Arrays.asList(words).subList(from, words.length));
    }

    private static byte[] bytes(String hexadecimal) {
        return hexadecimal.equals("-") ? new byte[0] : HexFormat.of().parseHex(hexadecimal);
    }

    private static long millis(String number) {
        return Value.doubleToLong(Double.parseDouble(number));
    }
}
