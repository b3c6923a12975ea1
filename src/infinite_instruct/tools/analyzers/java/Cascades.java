package verify;

import com.sun.tools.javac.code.Kinds.Kind;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.JCTree.JCTry;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.util.JCDiagnostic;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

    private final Imports imports;
    private final Surroundings surroundings;
    private final Unknown unknown;
    private final Calls calls;
    private final Lookups lookups;
    private final Set<JCDiagnostic> explained = new HashSet<>();

    Cascades(Imports imports, Unknown unknown, Platform platform, Surroundings surroundings) {
        this.imports = imports;
        this.surroundings = surroundings;
        this.unknown = unknown;
        this.calls = new Calls(unknown);
        this.lookups = new Lookups(imports, platform, unknown, calls);
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
        Place place = surroundings.of(error.getPosition());
        String rule = ruleOf(error);
        if (rule.startsWith("cant.resolve")) {
            return lookups.mayFindName(error, place);
        }
        return switch (rule) {
            case "cyclic.inheritance" -> false;
            case "already.defined" -> mentionsUnknownType(error);
            case "doesnt.exist" -> lookups.mayFindPackage(error, place);
            case "except.never.thrown.in.try" -> mayThrow(place) || mentionsUnknown(error);
            case "recursive.ctor.invocation" -> mayCallOther(place);
            case "const.expr.req", "string.const.req" -> lookups.isLabelOfUnknown(place);
            default ->
                    mentionsUnknown(error)
                            || OF_CALLS.contains(rule) && Calls.isUnqualified(place) && anyOpen(place)
                            || calls.unknownAround(place, OF_CALLS.contains(rule), OF_LAMBDAS.contains(rule))
                            || OF_INHERITANCE.contains(rule) && anyOpen(place)
                            || OF_LOMBOK.contains(rule) && mayBeLomboks(error, place)
                            || OF_CALLS.contains(rule) && calls.isOfLombok(place);
        };
    }

    /** Note the class that the source names in full, if the error is that it is not here. */
    private void noteQualified(JCDiagnostic error) {
        if (ruleOf(error).equals("doesnt.exist") && !imports.contain(error)) {
            String name = lookups.qualified(error);
            if (name != null) {
                imports.addQualified(name);
                explained.add(error);
            }
        }
    }

    /** Whether an error in a class of Lombok's is not of a local variable. */
    private boolean mayBeLomboks(JCDiagnostic error, Place place) {
        boolean isLocal = Arrays.stream(error.getArgs())
                .anyMatch(each -> each instanceof Symbol.VarSymbol variable && variable.owner.kind != Kind.TYP);
        return !isLocal
                && Stream.concat(place.classes(), place.all(JCClassDecl.class).limit(1))
                        .anyMatch(type -> unknown.isLombok(type.sym));
    }

    /** Whether a try calls what is not known. */
    private boolean mayThrow(Place place) {
        return place.inner(JCTry.class)
                .map(tree -> calls.anyUnknown(tree.resources) || calls.anyUnknown(List.of(tree.body)))
                .orElse(false);
    }

    /** Whether a constructor may call another one than javac thinks. */
    private boolean mayCallOther(Place place) {
        return place.all(JCClassDecl.class)
                .limit(1)
                .flatMap(type -> type.defs.stream())
                .anyMatch(each -> each instanceof JCMethodDecl method
                        && TreeInfo.isConstructor(method)
                        && unknown.isUnknown(method.sym.type))
                || anyOpen(place);
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

    private boolean anyOpen(Place place) {
        return place.classes().anyMatch(unknown::hasUnknownAncestors);
    }

    private static String ruleOf(JCDiagnostic error) {
        return error.getCode().substring("compiler.err.".length());
    }
}
