package verify;

import com.sun.source.tree.Tree;
import com.sun.tools.javac.code.Kinds.Kind;
import com.sun.tools.javac.code.Kinds.KindName;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.code.TypeTag;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCCase;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCFieldAccess;
import com.sun.tools.javac.tree.JCTree.JCMemberReference;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.JCTree.JCSwitch;
import com.sun.tools.javac.tree.JCTree.JCSwitchExpression;
import com.sun.tools.javac.tree.JCTree.JCTry;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.util.JCDiagnostic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
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
    /** They say that a call, or an argument of it, is wrong. */
    private static final Set<String> OF_CALLS =
            Set.of(
                    "cant.apply.diamond.1",
                    "cant.apply.symbol",
                    "cant.apply.symbols",
                    "invalid.mref",
                    "prob.found.req",
                    "ref.ambiguous",
                    "void.not.allowed.here");

    /** What a lambda may throw is said by the method that it goes to. */
    private static final Set<String> OF_LAMBDAS =
            Set.of("unreported.exception.need.to.catch.or.throw", "unreported.exception.implicit.close");

    /** They look at all that a class inherits. */
    private static final Set<String> OF_INHERITANCE =
            Set.of(
                    "does.not.override.abstract",
                    "method.does.not.override.superclass",
                    "non-static.cant.be.ref", // `super` of an anonymous class
                    "recursive.ctor.invocation",
                    "report.access");

    /** Lombok writes the code that these miss. */
    private static final Set<String> OF_LOMBOK =
            Set.of(
                    "does.not.override.abstract",
                    "unreported.exception.implicit.close",
                    "unreported.exception.need.to.catch.or.throw",
                    "var.might.not.have.been.initialized",
                    "var.not.initialized.in.default.constructor");

    /** {@code Lists}, but neither {@code lists} nor {@code MAX}. */
    private static final Pattern CLASS_NAME = Pattern.compile("[A-Z]\\w*[a-z]\\w*");

    /** {@code com.example}, but not {@code example}. */
    private static final Pattern PACKAGE_NAME = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+");

    private final Imports imports;
    private final Platform platform;
    private final Surroundings surroundings;
    private final Unknown unknown;
    private final Calls calls;
    private final Set<JCDiagnostic> explained = new HashSet<>();

    Cascades(Imports imports, Unknown unknown, Platform platform, Surroundings surroundings) {
        this.imports = imports;
        this.unknown = unknown;
        this.calls = new Calls(unknown);
        this.platform = platform;
        this.surroundings = surroundings;
    }

    /** The errors that are there also when all imports are. */
    List<JCDiagnostic> without(List<JCDiagnostic> errors) {
        errors.forEach(this::noteQualified);
        boolean allHere = imports.unresolved().isEmpty();
        return allHere ? errors : errors.stream().filter(error -> !contain(error)).toList();
    }

    private boolean contain(JCDiagnostic error) {
        if (explained.contains(error) || imports.contain(error)) {
            return true;
        }
        Collection<Tree> around = surroundings.of(error.getPosition());
        String rule = ruleOf(error);
        if (rule.startsWith("cant.resolve")) {
            return isNameUnknown(error, around);
        }
        return switch (rule) {
            case "cyclic.inheritance" -> false;
            case "already.defined" -> mentionsUnknownType(error);
            case "doesnt.exist" -> isPackageUnknown(error, around);
            case "except.never.thrown.in.try" -> mayThrow(around) || mentionsUnknown(error);
            case "recursive.ctor.invocation" -> mayCallOther(around);
            case "const.expr.req", "string.const.req" -> isLabelOfUnknown(around);
            default ->
                    mentionsUnknown(error)
                            || OF_CALLS.contains(rule) && Calls.isUnqualified(around) && anyOpen(around)
                            || calls.unknownAround(around, OF_CALLS.contains(rule), OF_LAMBDAS.contains(rule))
                            || OF_INHERITANCE.contains(rule) && anyOpen(around)
                            || OF_LOMBOK.contains(rule) && mayBeLomboks(error, around)
                            || OF_CALLS.contains(rule) && calls.isOfLombok(around);
        };
    }

    private boolean isNameUnknown(JCDiagnostic error, Collection<Tree> around) {
        JCTree tree = error.getDiagnosticPosition().getTree();
        Type site = siteOf(tree);
        if (site != null && !site.hasTag(TypeTag.ERROR) && !isOfSuper(tree)) {
            return unknown.isUnknown(site) || unknown.isLombok(site.tsym) || calls.unknownAround(around, false, false);
        }
        String name = error.getArgs()[1].toString();
        boolean isType = error.getArgs()[0] == KindName.CLASS;
        return imports.mayBring(name, isType, platform.isWellKnown(name))
                || classes(around).anyMatch(type -> mayHave(type, name, error.getArgs()[0]))
                || isLabelOfUnknown(around);
    }

    /** Whether a class may have a name from what is not here; known classes only lack an import. */
    private boolean mayHave(JCClassDecl type, String name, Object kind) {
        if (platform.isWellKnown(name)) {
            return false;
        }
        return unknown.hasUnknownAncestors(type) || unknown.isLombok(type.sym) && mayBeLomboks(name, kind);
    }

    /** Whether an error in a class of Lombok's is not of a local variable. */
    private boolean mayBeLomboks(JCDiagnostic error, Collection<Tree> around) {
        boolean isLocal = Arrays.stream(error.getArgs())
                .anyMatch(each -> each instanceof Symbol.VarSymbol variable && variable.owner.kind != Kind.TYP);
        return !isLocal
                && Stream.concat(classes(around), of(JCClassDecl.class, around).limit(1))
                        .anyMatch(type -> unknown.isLombok(type.sym));
    }

    private static boolean mayBeLomboks(String name, Object kind) {
        return kind == KindName.METHOD || name.equals("log") || name.endsWith("Builder");
    }

    /** {@code a.b()}, where {@code a} is no variable: javac takes it for a package. */
    private boolean isPackageUnknown(JCDiagnostic error, Collection<Tree> around) {
        String first = error.getArgs()[0].toString().split("\\.")[0];
        return imports.mayBring(first, false, platform.isWellKnown(first))
                || classes(around).anyMatch(type -> mayHave(type, first, KindName.VAR));
    }

    /** {@code a.b.C.d()} names a class in full that is not here, or {@code a} is misspelled. */
    private void noteQualified(JCDiagnostic error) {
        if (ruleOf(error).equals("doesnt.exist")
                && !imports.contain(error)
                && error.getDiagnosticPosition().getTree() instanceof JCFieldAccess select
                && CLASS_NAME.matcher(select.name).matches()) {
            String packageName = error.getArgs()[0].toString();
            String full = packageName + "." + select.name;
            if (PACKAGE_NAME.matcher(packageName).matches() && Imports.isForeign(full, platform)) {
                imports.addQualified(full);
                explained.add(error);
            }
        }
    }

    /** Whether a try calls what is not known. */
    private boolean mayThrow(Collection<Tree> around) {
        return of(JCTry.class, around)
                .findFirst()
                .map(tree -> calls.anyUnknown(tree.resources) || calls.anyUnknown(List.of(tree.body)))
                .orElse(false);
    }

    /** Whether a constructor may call another one than javac thinks. */
    private boolean mayCallOther(Collection<Tree> around) {
        return of(JCClassDecl.class, around)
                .limit(1)
                .flatMap(type -> type.defs.stream())
                .anyMatch(each -> each instanceof JCMethodDecl method
                        && TreeInfo.isConstructor(method)
                        && unknown.isUnknown(method.sym.type))
                || anyOpen(around);
    }

    /** A label of a switch over an enum that is not here. */
    private boolean isLabelOfUnknown(Collection<Tree> around) {
        return of(JCCase.class, around).findFirst().isPresent()
                && Stream.concat(
                                of(JCSwitch.class, around).map(tree -> tree.selector),
                                of(JCSwitchExpression.class, around).map(tree -> tree.selector))
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

    private boolean mentionsUnknownType(JCDiagnostic error) {
        return Arrays.stream(error.getArgs())
                .anyMatch(each -> each instanceof Symbol symbol && unknown.isUnknown(symbol.type));
    }

    /** The type in which a name was looked for; null where the name stands alone. */
    private static Type siteOf(JCTree tree) {
        if (tree instanceof JCFieldAccess select) {
            return select.selected.type;
        }
        return tree instanceof JCMemberReference reference ? reference.expr.type : null;
    }

    /** The classes whose members a place sees: what stands in a class's head is outside of it. */
    private static Stream<JCClassDecl> classes(Collection<Tree> around) {
        List<JCClassDecl> found = new ArrayList<>();
        Tree inner = null;
        for (Tree tree : around) {
            if (tree instanceof JCClassDecl type && type.defs.contains(inner)) {
                found.add(type);
            }
            inner = tree;
        }
        return found.stream();
    }

    private boolean anyOpen(Collection<Tree> around) {
        return classes(around).anyMatch(unknown::hasUnknownAncestors);
    }

    private static boolean isOfSuper(JCTree tree) {
        return tree instanceof JCFieldAccess select && TreeInfo.name(select.selected) == select.name.table.names._super;
    }

    private static <T> Stream<T> of(Class<T> kind, Collection<Tree> around) {
        return around.stream().filter(kind::isInstance).map(kind::cast);
    }

    private static String ruleOf(JCDiagnostic error) {
        return error.getCode().substring("compiler.err.".length());
    }
}
