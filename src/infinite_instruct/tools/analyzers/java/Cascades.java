package verify;

import com.sun.source.tree.Tree;
import com.sun.tools.javac.code.Kinds.KindName;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCCase;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCFieldAccess;
import com.sun.tools.javac.tree.JCTree.JCMemberReference;
import com.sun.tools.javac.tree.JCTree.JCMethodInvocation;
import com.sun.tools.javac.tree.JCTree.JCNewClass;
import com.sun.tools.javac.tree.JCTree.JCSwitch;
import com.sun.tools.javac.tree.JCTree.JCSwitchExpression;
import com.sun.tools.javac.tree.JCTree.JCTry;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.JCDiagnostic;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tells which errors only follow from imports that are not here.
 *
 * <p>What a missing class would bring is not known, so an error that it might lift is no fault of
 * the source. All others stay.
 */
final class Cascades {
    /** They look at all that a class inherits. */
    private static final Set<String> OF_INHERITANCE = Set.of("method.does.not.override.superclass");

    /** Lombok writes the code that these miss. */
    private static final Set<String> OF_LOMBOK =
            Set.of(
                    "unreported.exception.need.to.catch.or.throw",
                    "unreported.exception.implicit.close",
                    "var.might.not.have.been.initialized",
                    "var.not.initialized.in.default.constructor");

    /** {@code Lists}, but neither {@code lists} nor {@code MAX}. */
    private static final Pattern CLASS_NAME = Pattern.compile("[A-Z]\\w*[a-z]\\w*");

    private final Imports imports;
    private final Platform platform;
    private final Surroundings surroundings;
    private final Unknown unknown;

    Cascades(Imports imports, Unknown unknown, Platform platform, Surroundings surroundings) {
        this.imports = imports;
        this.unknown = unknown;
        this.platform = platform;
        this.surroundings = surroundings;
    }

    /** Whether an error may be none when all imports are here. */
    boolean contain(JCDiagnostic error) {
        if (imports.contain(error)) {
            return true;
        }
        String rule = error.getCode().substring("compiler.err.".length());
        if (rule.startsWith("cant.resolve")) {
            return isNameUnknown(error);
        }
        return switch (rule) {
            case "doesnt.exist" -> isPackageUnknown(error);
            case "except.never.thrown.in.try" -> mayThrow(error) || mentionsUnknown(error);
            default ->
                    mentionsUnknown(error)
                            || OF_INHERITANCE.contains(rule) && classes(error).anyMatch(unknown::isOpen)
                            || OF_LOMBOK.contains(rule) && classes(error).anyMatch(unknown::isLombok);
        };
    }

    private boolean isNameUnknown(JCDiagnostic error) {
        Type site = siteOf(error.getDiagnosticPosition().getTree());
        if (site != null) {
            return unknown.isUnknown(site);
        }
        String name = error.getArgs()[1].toString();
        boolean isType = error.getArgs()[0] == KindName.CLASS;
        return imports.mayBring(name, isType)
                || classes(error).anyMatch(unknown::isOpen)
                || isLabelOfUnknown(error);
    }

    /** {@code a.b.C.d()}: a class named in full, or a misspelled variable {@code a}. */
    private boolean isPackageUnknown(JCDiagnostic error) {
        String name = error.getArgs()[0].toString();
        String first = name.split("\\.")[0];
        if (imports.mayBring(first, false) || classes(error).anyMatch(unknown::isOpen)) {
            return true;
        }
        Tree tree = error.getDiagnosticPosition().getTree();
        if (!(tree instanceof JCFieldAccess select) || !name.contains(".") || !name.equals(name.toLowerCase())) {
            return false;
        }
        String full = name + "." + select.name;
        if (!CLASS_NAME.matcher(select.name).matches() || !Imports.isForeign(full, platform)) {
            return false;
        }
        imports.addQualified(full);
        return true;
    }

    /** Whether the body of a try calls what is not known. */
    private boolean mayThrow(JCDiagnostic error) {
        return around(error, JCTry.class)
                .findFirst()
                .map(tree -> {
                    CallFinder finder = new CallFinder();
                    finder.scan(tree.resources);
                    finder.scan(tree.body);
                    return finder.found;
                })
                .orElse(false);
    }

    /** A label of a switch over an enum that is not here. */
    private boolean isLabelOfUnknown(JCDiagnostic error) {
        return around(error, JCCase.class).findFirst().isPresent()
                && Stream.concat(
                                around(error, JCSwitch.class).map(tree -> tree.selector),
                                around(error, JCSwitchExpression.class).map(tree -> tree.selector))
                        .anyMatch(selector -> unknown.isUnknown(TreeInfo.skipParens(selector).type));
    }

    private boolean mentionsUnknown(Object argument) {
        if (argument instanceof JCDiagnostic diagnostic) {
            return Arrays.stream(diagnostic.getArgs()).anyMatch(this::mentionsUnknown);
        }
        if (argument instanceof Iterable<?> several) {
            for (Object each : several) {
                if (mentionsUnknown(each)) {
                    return true;
                }
            }
            return false;
        }
        return argument instanceof Type type && unknown.isUnknown(type)
                || argument instanceof Symbol symbol && unknown.isUnknown(symbol)
                || argument instanceof JCExpression tree && unknown.isUnknown(tree.type);
    }

    /** The type in which a name was looked for; null where the name stands alone. */
    private static Type siteOf(JCTree tree) {
        if (tree instanceof JCFieldAccess select) {
            return select.selected.type;
        }
        return tree instanceof JCMemberReference reference ? reference.expr.type : null;
    }

    private Stream<Symbol> classes(JCDiagnostic error) {
        return around(error, JCClassDecl.class).map(tree -> tree.sym);
    }

    private <T> Stream<T> around(JCDiagnostic error, Class<T> kind) {
        return surroundings.of(error.getPosition()).stream().filter(kind::isInstance).map(kind::cast);
    }

    private final class CallFinder extends TreeScanner {
        private boolean found;

        @Override
        public void visitApply(JCMethodInvocation tree) {
            super.visitApply(tree);
            Symbol method = TreeInfo.symbol(tree.meth);
            found |= method == null || tree.type == null || unknown.isUnknown(tree.meth.type) || unknown.isUnknown(method);
        }

        @Override
        public void visitNewClass(JCNewClass tree) {
            super.visitNewClass(tree);
            found |= unknown.isUnknown(tree.clazz.type);
        }
    }
}
