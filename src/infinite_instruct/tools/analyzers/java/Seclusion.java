package verify;

import com.sun.source.tree.ImportTree;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCFieldAccess;
import com.sun.tools.javac.tree.JCTree.JCImport;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.TreeMaker;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.Context;
import com.sun.tools.javac.util.List;
import com.sun.tools.javac.util.Name;
import com.sun.tools.javac.util.Names;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;

/**
 * Moves a parsed source into a package whose name nothing can guess and that is used only once:
 * {@code com.example} becomes {@code q7f3a1.com.example}. No line or column changes.
 *
 * <p>So sources that share a compiler cannot see, redefine or replace each other's classes, nor
 * the JDK's.
 */
final class Seclusion {
    private static final String RUN = "q" + Long.toHexString(new SecureRandom().nextLong() >>> 8);
    private static int count;

    private final String root = RUN + "x" + ++count;
    private final TreeMaker maker;
    private final Names names;
    private final String own;
    private final Set<Name> declared = new HashSet<>();

    Seclusion(JCCompilationUnit unit, Context context) {
        this.maker = TreeMaker.instance(context);
        this.names = Names.instance(context);
        this.own = unit.getPackage() == null ? "" : unit.getPackage().getPackageName().toString();
        unit.getTypeDecls().forEach(this::noteDeclared);
    }

    /** The package's name in the text; empty where it has none. */
    String packageName() {
        return own;
    }

    /** Move the source. */
    void apply(JCCompilationUnit unit) {
        if (own.isEmpty()) {
            maker.at(0);
            unit.defs = unit.defs.prepend(maker.PackageDecl(List.nil(), maker.Ident(names.fromString(root))));
        } else {
            unit.getPackage().pid = moved(unit.getPackage().pid);
            unit.accept(new Mover());
        }
    }

    /** Words of javac's as if the source had not been moved. */
    String unmoved(String message) {
        return message.replace(root + ".", "").replace(root, "unnamed package");
    }

    /** Whether a name is of the moved package. */
    boolean isMoved(String name) {
        return name.startsWith(root + ".");
    }

    private void noteDeclared(JCTree declaration) {
        if (declaration instanceof JCClassDecl type) {
            declared.add(type.name);
        }
    }

    private JCExpression moved(JCExpression name) {
        maker.at(name.pos);
        return name instanceof JCFieldAccess select
                ? maker.Select(moved(select.selected), select.name)
                : maker.Select(maker.Ident(names.fromString(root)), names.fromString(name.toString()));
    }

    /** Finds where the source names its own classes in full. */
    private final class Mover extends TreeScanner {
        @Override
        public void visitImport(JCImport tree) {
            super.visitImport(tree);
            if (!tree.isStatic() && ((ImportTree) tree).getQualifiedIdentifier() instanceof JCFieldAccess name
                    && name.name == names.asterisk && name.selected.toString().equals(own)) {
                name.selected = moved(name.selected);
            }
        }

        @Override
        public void visitSelect(JCFieldAccess tree) {
            super.visitSelect(tree);
            if (declared.contains(tree.name) && tree.selected.toString().equals(own)) {
                tree.selected = moved(tree.selected);
            }
        }
    }
}
