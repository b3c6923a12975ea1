package verify;

import com.sun.tools.javac.api.JavacTaskPool;
import java.util.List;

/**
 * Judges one source at a time within compiler contexts that are used again.
 *
 * <p>A context holds the JDK's classes, which cost more than the sources. No source sees another
 * one: each lives in a package of its own, whose name was never used before (see {@link Seclusion}).
 */
final class Judge {
    /** Contexts keep the symbols of the sources that they saw. */
    private static final int SOURCES_PER_CONTEXT = 500;

    private static final List<String> OPTIONS =
            List.of(
                    "-proc:none",
                    "-implicit:none",
                    "-Xmaxerrs",
                    "200",
                    "-Xmaxwarns",
                    "100",
                    "-XDshould-stop.ifError=FLOW",
                    "-XDshould-stop.ifNoError=FLOW");

    private final Platform platform = new Platform();
    private JavacTaskPool pool = new JavacTaskPool(1);
    private int used;

    /** Judge a source; whatever it does to the compiler is told, not thrown. */
    String judge(String text) {
        if (++used % SOURCES_PER_CONTEXT == 0) {
            pool = new JavacTaskPool(1);
        }
        try {
            return judgeInForms(text).json();
        } catch (StackOverflowError deep) {
            pool = new JavacTaskPool(1);
            return Report.fault("javac ran out of stack").json();
        } catch (RuntimeException | LinkageError | AssertionError broken) {
            pool = new JavacTaskPool(1); // what the crash left behind is not to be trusted
            Throwable cause = broken.getCause() == null ? broken : broken.getCause();
            return Report.fault("javac crashed: " + cause.getClass().getSimpleName()).json();
        }
    }

    /** As a file, else as members, else as statements; else in the form that it is nearest to. */
    private Report judgeInForms(String text) {
        if (Lexed.escapesHideCode(text)) {
            return Report.error("hidden.by.escape", "Unicode escapes make other code of it than is read.");
        }
        Report nearest = null;
        int furthest = -1;
        for (Form form : Form.values()) {
            Attempt attempt = new Attempt(form, form.wrap(text), platform);
            Report report =
                    pool.getTask(null, platform, attempt, OPTIONS, null, List.of(attempt.source()), attempt::run);
            if (attempt.leavesTraces()) {
                pool = new JavacTaskPool(1);
            }
            if (attempt.fits()) {
                return report;
            }
            if (attempt.parsedTo() > furthest) {
                furthest = attempt.parsedTo();
                nearest = report;
            }
        }
        return nearest;
    }
}
