package verify;

import com.sun.tools.javac.code.Kinds.KindName;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.code.TypeTag;
import com.sun.tools.javac.tree.JCTree.JCCase;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCFieldAccess;
import com.sun.tools.javac.tree.JCTree.JCMemberReference;
import com.sun.tools.javac.tree.JCTree.JCSwitch;
import com.sun.tools.javac.tree.JCTree.JCSwitchExpression;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.util.JCDiagnostic;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which names that javac did not find may be found when all imports are here. */
final class Lookups {
    /** {@code Lists}, but neither {@code lists} nor {@code MAX}. */
    private static final Pattern CLASS_NAME = Pattern.compile("[A-Z]\\w*[a-z]\\w*");

    /** {@code com.example}, but not {@code example}. */
    private static final Pattern PACKAGE_NAME = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+");

    private final Imports imports;
    private final Platform platform;
    private final Unknown unknown;
    private final Calls calls;

    Lookups(Imports imports, Platform platform, Unknown unknown, Calls calls) {
        this.imports = imports;
        this.platform = platform;
        this.unknown = unknown;
        this.calls = calls;
    }

    /** Of an error {@code cant.resolve...}. */
    boolean mayFindName(JCDiagnostic error, Place place) {
        JCTree tree = error.getDiagnosticPosition().getTree();
        Type site = siteOf(tree);
        if (site != null && !site.hasTag(TypeTag.ERROR) && !isOfSuper(tree)) {
            return unknown.isUnknown(site)
                    || unknown.isLombok(site.tsym)
                    || calls.unknownAround(place, false, false);
        }
        Object kind = error.getArgs()[0];
        String name = error.getArgs()[1].toString();
        return imports.mayBring(name, kind == KindName.CLASS, platform.isWellKnown(name))
                || place.classes().anyMatch(type -> mayHave(type, name, kind))
                || isLabelOfUnknown(place);
    }

    /** Of an error {@code doesnt.exist}: {@code a} in {@code a.b()} is no variable. */
    boolean mayFindPackage(JCDiagnostic error, Place place) {
        String first = error.getArgs()[0].toString().split("\\.")[0];
        return imports.mayBring(first, false, platform.isWellKnown(first))
                || place.classes().anyMatch(type -> mayHave(type, first, KindName.VAR));
    }

    /**
     * The class that an error {@code doesnt.exist} is about, where the source names it in full:
     * {@code a.b.C} in {@code a.b.C.d()}. Null for what looks like a misspelled variable.
     */
    String qualified(JCDiagnostic error) {
        if (!(error.getDiagnosticPosition().getTree() instanceof JCFieldAccess select)) {
            return null;
        }
        String packageName = error.getArgs()[0].toString();
        String full = packageName + "." + select.name;
        boolean named = CLASS_NAME.matcher(select.name).matches() && PACKAGE_NAME.matcher(packageName).matches();
        return named && Imports.isForeign(full, platform) ? full : null;
    }

    /** Whether a place is a label of a switch over an enum that is not here. */
    boolean isLabelOfUnknown(Place place) {
        return place.inner(JCCase.class).isPresent()
                && Stream.concat(
                                place.all(JCSwitch.class).map(tree -> tree.selector),
                                place.all(JCSwitchExpression.class).map(tree -> tree.selector))
                        .anyMatch(selector -> unknown.isUnknown(TreeInfo.skipParens(selector).type));
    }

    /** Whether a class may have a name from what is not here; known classes only lack an import. */
    private boolean mayHave(JCClassDecl type, String name, Object kind) {
        if (platform.isWellKnown(name)) {
            return false;
        }
        boolean isLomboks = kind == KindName.METHOD || name.equals("log") || name.endsWith("Builder");
        return unknown.hasUnknownAncestors(type) || isLomboks && unknown.isLombok(type.sym);
    }

    /** The type in which a name was looked for; null where the name stands alone. */
    private static Type siteOf(JCTree tree) {
        if (tree instanceof JCFieldAccess select) {
            return select.selected.type;
        }
        return tree instanceof JCMemberReference reference ? reference.expr.type : null;
    }

    private static boolean isOfSuper(JCTree tree) {
        return tree instanceof JCFieldAccess select
                && TreeInfo.name(select.selected) == select.name.table.names._super;
    }
}
