package verify;

import com.sun.source.tree.ImportTree;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.util.JCDiagnostic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The imports that the JDK does not have, and the names which they may bring. */
final class Imports {
    /** Classes that annotation processors make, by the packages which these come with. */
    private static final List<Generated> GENERATED =
            List.of(
                    new Generated("android.", "R|BuildConfig"),
                    new Generated("androidx.", "R|BuildConfig|\\w+Binding"),
                    new Generated("com.google.auto.", "Auto\\w*_\\w+"),
                    new Generated("dagger.", "Dagger\\w+"),
                    new Generated("com.querydsl.", "Q[A-Z]\\w*"));

    private record Generated(String by, String names) {}

    private final Set<String> unresolved = new LinkedHashSet<>();
    private final Set<String> names = new HashSet<>();
    private final Set<JCDiagnostic> reported = new HashSet<>();
    private boolean anyType;
    private boolean anyMember;

    /**
     * @param unit the source
     * @param errors what javac says of it
     * @param platform the JDK
     * @param surroundings tells which import an error lies in
     */
    Imports(JCCompilationUnit unit, List<JCDiagnostic> errors, Platform platform, Surroundings surroundings) {
        for (ImportTree each : unit.getImports()) {
            String name = each.getQualifiedIdentifier().toString();
            List<JCDiagnostic> about =
                    errors.stream().filter(error -> surroundings.holds(each, error.getPosition())).toList();
            if (!about.isEmpty() && isForeign(name, platform)) {
                reported.addAll(about);
                add(name, each.isStatic());
            }
        }
    }

    /** The imports, as the source names them. */
    List<String> unresolved() {
        return List.copyOf(unresolved);
    }

    /** Whether an error only says that such an import is not here. */
    boolean contain(JCDiagnostic error) {
        return reported.contains(error);
    }

    /** Note a class that the source names in full, without an import. */
    void addQualified(String name) {
        unresolved.add(name);
    }

    /** Whether a simple name may come from them; a well-known class is no member of another. */
    boolean mayBring(String name, boolean isType, boolean isWellKnown) {
        return names.contains(name)
                || anyMember && !isWellKnown
                || anyType && (isType || isCapitalised(name))
                || isGenerated(name);
    }

    /** Whether one of them is of this very name. */
    boolean names(String simpleName) {
        return names.contains(simpleName);
    }

    /** Whether a class annotation may be Lombok's, which adds members to the class. */
    boolean mayBeLombok(String annotation) {
        return annotation.startsWith("lombok.")
                || unresolved.stream().anyMatch(each -> each.startsWith("lombok.") && brings(each, annotation));
    }

    /** Whether the JDK cannot be asked for a name: its package is none of the JDK's. */
    static boolean isForeign(String name, Platform platform) {
        String packageName = packageOf(name);
        return !packageName.startsWith("java.") && !packageName.equals("java") && !platform.has(packageName);
    }

    /** The segments before the first class, by the custom that classes begin with a capital. */
    static String packageOf(String name) {
        List<String> segments = new ArrayList<>();
        for (String segment : name.split("\\.")) {
            if (isCapitalised(segment) || segment.equals("*")) {
                return String.join(".", segments);
            }
            segments.add(segment);
        }
        return String.join(".", segments.subList(0, segments.size() - 1));
    }

    private void add(String name, boolean isStatic) {
        unresolved.add(name);
        String last = name.substring(name.lastIndexOf('.') + 1);
        if (!last.equals("*")) {
            names.add(last);
        } else if (isStatic) {
            anyMember = true;
        } else {
            anyType = true;
        }
    }

    private boolean isGenerated(String name) {
        return GENERATED.stream()
                .anyMatch(
                        each -> name.matches(each.names)
                                && unresolved.stream().anyMatch(one -> one.startsWith(each.by)));
    }

    private static boolean brings(String imported, String name) {
        return imported.endsWith(".*") || imported.endsWith("." + name);
    }

    private static boolean isCapitalised(String name) {
        return !name.isEmpty() && Character.isUpperCase(name.charAt(0));
    }
}
