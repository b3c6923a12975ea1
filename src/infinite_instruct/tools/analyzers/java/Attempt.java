package verify;

import com.sun.source.util.JavacTask;
import com.sun.source.util.Trees;
import com.sun.tools.javac.api.ClientCodeWrapper.Trusted;
import com.sun.tools.javac.api.DiagnosticFormatter;
import com.sun.tools.javac.api.JavacTaskImpl;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.util.Context;
import com.sun.tools.javac.util.JCDiagnostic;
import com.sun.tools.javac.util.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticListener;
import javax.tools.JavaFileObject;

/** One try to compile a source in one form, up to its flow analysis; no code is made. */
@Trusted
final class Attempt implements DiagnosticListener<JavaFileObject> {
    private static final int MAX_FINDINGS = 50;

    private final Form form;
    private final Source source;
    private final Platform platform;
    private final List<JCDiagnostic> said = new ArrayList<>();
    private boolean fits = true;

    Attempt(Form form, Source source, Platform platform) {
        this.form = form;
        this.source = source;
        this.platform = platform;
    }

    Source source() {
        return source;
    }

    /** Whether the text is of this form. */
    boolean fits() {
        return fits;
    }

    /**
     * Whether the context remembers the source's errors: of the JDK's packages, what was once
     * invisible, or taken for a package, may be told otherwise of the next source.
     */
    boolean leavesTraces() {
        return errors().stream()
                .anyMatch(error -> switch (error.getCode()) {
                    case "compiler.err.package.not.visible" -> true;
                    case "compiler.err.doesnt.exist" -> !Imports.isForeign(error.getArgs()[0] + ".Any", platform);
                    default -> false;
                });
    }

    /** Where the first error lies in the text. */
    int parsedTo() {
        return errors().stream().mapToInt(each -> source.inText(each.getPosition())).min().orElse(0);
    }

    /** Of trusted listeners javac does not hide its diagnostics' arguments. */
    @Override
    public void report(Diagnostic<? extends JavaFileObject> diagnostic) {
        if (diagnostic instanceof JCDiagnostic own && own.getKind() != Diagnostic.Kind.NOTE) {
            said.add(own);
        }
    }

    Report run(JavacTask task) {
        try {
            JCCompilationUnit unit = (JCCompilationUnit) task.parse().iterator().next();
            fits = errors().isEmpty() && form.fits(unit);
            return fits ? judge(unit, (JavacTaskImpl) task) : unparsed();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private Report unparsed() {
        if (!errors().isEmpty() && errors().stream().allMatch(Attempt::isOfLaterJava)) {
            String feature = errors().get(0).getMessage(Locale.ENGLISH).lines().findFirst().orElse("");
            return Report.fault("javac " + Runtime.version().feature() + " is too old: " + feature);
        }
        return new Report("", List.of(), findings(errors(), each -> each.getMessage(Locale.ENGLISH)));
    }

    private Report judge(JCCompilationUnit unit, JavacTaskImpl task) throws IOException {
        Context context = task.getContext();
        Seclusion seclusion = new Seclusion(unit, context);
        if (unit.getModuleDecl() != null) {
            return Report.fault("the modules that a module declaration names are not here");
        }
        if (unit.getTypeDecls().stream().noneMatch(JCClassDecl.class::isInstance)) {
            return Report.error("nothing.declared", "The text declares nothing.");
        }
        if (!Imports.isForeign(seclusion.packageName() + ".Any", platform)) {
            String message = "package exists in the JDK: " + seclusion.packageName();
            return Report.error("package.in.other.module", message);
        }
        form.settle(unit);
        seclusion.apply(unit);
        task.analyze();
        Surroundings surroundings = new Surroundings(unit, Trees.instance(task).getSourcePositions());
        Imports imports = new Imports(unit, errors(), platform, surroundings);
        Cascades cascades = new Cascades(imports, new Unknown(unit, imports), platform, surroundings);
        List<JCDiagnostic> kept = new ArrayList<>(cascades.without(errors()));
        kept.addAll(warnings());
        DiagnosticFormatter<JCDiagnostic> words = Log.instance(context).getDiagnosticFormatter();
        return new Report(
                "",
                imports.unresolved().stream().map(seclusion::unmoved).toList(),
                findings(kept, each -> seclusion.unmoved(words.formatMessage(each, Locale.ENGLISH))));
    }

    private List<Report.Finding> findings(List<JCDiagnostic> diagnostics, Function<JCDiagnostic, String> words) {
        return diagnostics.stream().limit(MAX_FINDINGS).map(each -> finding(each, words)).toList();
    }

    private Report.Finding finding(JCDiagnostic each, Function<JCDiagnostic, String> words) {
        String rule = each.getCode().replaceFirst("^compiler\\.(err|warn)\\.", "");
        String message = words.apply(each).replaceAll("\\s*\\n\\s*", "; ");
        if (rule.equals("bad.file.name")) {
            message = "methods or fields stand outside of a class"; // see Source.NAME
        }
        long position = each.getSource() == source ? each.getPosition() : Diagnostic.NOPOS;
        return new Report.Finding(rule, isError(each), source.line(position), source.column(position), message);
    }

    /** Previews and what came after this JDK: it knows that it is no fault, but not more. */
    private static boolean isOfLaterJava(JCDiagnostic error) {
        return error.getCode().startsWith("compiler.err.preview.feature.disabled")
                || error.getCode().startsWith("compiler.err.feature.not.supported.in.source")
                || error.getCode().equals("compiler.err.underscore.as.identifier") && Runtime.version().feature() < 22;
    }

    private List<JCDiagnostic> errors() {
        return said.stream().filter(Attempt::isError).toList();
    }

    private List<JCDiagnostic> warnings() {
        return said.stream().filter(each -> !isError(each)).toList();
    }

    private static boolean isError(JCDiagnostic diagnostic) {
        return diagnostic.getKind() == Diagnostic.Kind.ERROR;
    }
}
