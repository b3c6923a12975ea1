package verify;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Judges Java sources by javac's front end, one after another, until its input ends.
 *
 * <p>A request is the length of a source in bytes (four bytes, big endian) and the source in UTF-8.
 * The answer is one line of JSON; see {@link Report}.
 */
final class Main {
    /** For what nests 200 levels deep, as the gate before it allows; what recurses without end fails soon. */
    private static final long STACK_BYTES = 4L << 20;

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        OutputStream answers = new BufferedOutputStream(System.out);
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false)); // the answers' own
        Thread thread = new Thread(null, () -> serve(answers), "judge", STACK_BYTES);
        thread.start();
        thread.join();
    }

    private static void serve(OutputStream answers) {
        try (DataInputStream requests = new DataInputStream(new BufferedInputStream(System.in))) {
            Judge judge = new Judge();
            while (true) {
                byte[] source = requests.readNBytes(requests.readInt());
                String report = judge.judge(new String(source, StandardCharsets.UTF_8));
                answers.write((report + "\n").getBytes(StandardCharsets.UTF_8));
                answers.flush();
            }
        } catch (EOFException end) {
            return; // nobody asks any more
        } catch (IOException broken) {
            System.exit(1);
        }
    }
}
