import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;

/** Serves an EC2 instance's metadata from the module, with Chicory. docs/abi.md documents the calls. */
public final class Host {
    private final Imds imds;

    private Host(Imds imds) {
        this.imds = imds;
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        long nonce = System.nanoTime(); // The seed is new in each run.
        // A record of no bytes is the default one.
        if (imds.call("imds_launch", Imds.now(), nonce, imds.write(seed, 32), 32, 0, 0) < 0) {
            throw new IllegalStateException(new String(imds.bytes(imds.call("imds_last_error"))));
        }
    }

    public static void main(String[] arguments) throws IOException {
        Host host = new Host(new Imds(new File(arguments[0])));
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            System.out.println("http://127.0.0.1:" + listener.getLocalPort());
            while (true) {
                Socket client = listener.accept();
                new Thread(() -> host.serve(client)).start();
            }
        }
    }

    private void serve(Socket client) {
        int connection = open();
        byte[] buffer = new byte[4096];
        try (client) {
            while (isOpen(connection)) {
                client.setSoTimeout(millisToTimeout(connection));
                int count = client.getInputStream().read(buffer);
                if (count < 0) {
                    break;
                }
                client.getOutputStream().write(answer(connection, buffer, count));
            }
        } catch (IOException gone) {
            // The client has closed the connection, or its timeout has passed.
        } finally {
            close(connection);
        }
    }

    private synchronized int open() {
        return imds.call("imds_open", Imds.now(), 0, -1); // -1: the hops to the client are not known.
    }

    private synchronized boolean isOpen(int connection) {
        return imds.call("imds_state", connection) == 0;
    }

    private synchronized int millisToTimeout(int connection) {
        int at = imds.call("imds_poll_timeout", connection);
        return at == 0 ? 0 : Math.max(1, (int) (imds.memory.readDouble(at) - System.currentTimeMillis()));
    }

    private synchronized byte[] answer(int connection, byte[] received, int count) {
        imds.call("imds_receive", connection, Imds.now(), imds.write(received, count), count);
        while (imds.call("imds_answer", connection, Imds.now(), Imds.now(), 0) != 0) {}
        // A server outside of the instance sets the hop limit at offset 8 on the socket.
        byte[] response = imds.bytes(imds.call("imds_poll_transmit", connection));
        imds.call("imds_advance_transmit", connection, Imds.now(), response.length);
        return response;
    }

    private synchronized void close(int connection) {
        imds.call("imds_close", connection);
    }
}
