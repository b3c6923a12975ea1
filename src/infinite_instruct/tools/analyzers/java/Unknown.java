package verify;

import com.sun.tools.javac.code.Symbol.ClassSymbol;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Type.ClassType;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.code.TypeTag;
import com.sun.tools.javac.tree.JCTree.JCAnnotation;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.TreeScanner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which types nobody can know whole, since something that is not here adds to them. */
final class Unknown {
    private final Imports imports;
    private final Set<Symbol> lombok = new HashSet<>();
    private final Map<Symbol, Boolean> open = new HashMap<>();

    Unknown(JCCompilationUnit unit, Imports imports) {
        this.imports = imports;
        unit.accept(new LombokFinder());
    }

    /** Whether a type is wrong or of an unknown class, or a part of it is. */
    boolean isUnknown(Type type) {
        if (type == null || type.hasTag(TypeTag.NONE)) {
            return false;
        }
        return type.isErroneous() || isOpen(type.tsym) || isOpen(upperBound(type))
                || parts(type).stream().anyMatch(part -> part != type && isUnknown(part));
    }

    /** Whether a symbol is of an unknown type or belongs to an unknown class. */
    boolean isUnknown(Symbol symbol) {
        return symbol != null && (isUnknown(symbol.type) || isOpen(symbol) || isOpen(symbol.enclClass()));
    }

    /** Whether a class is, or inherits from, one that is not here. */
    private boolean isOpen(Symbol symbol) {
        if (!(symbol instanceof ClassSymbol type) || type.type == null) {
            return false;
        }
        Boolean known = open.putIfAbsent(symbol, false); // a class that is its own ancestor ends here
        if (known != null) {
            return known;
        }
        boolean isAnother = imports.names(symbol.name.toString()); // the JDK's in place of it
        open.put(symbol, isAnother || hasUnknownAncestors(type));
        return open.get(symbol);
    }

    /** Whether Lombok adds code to a class. */
    boolean isLombok(Symbol symbol) {
        return symbol != null && lombok.contains(symbol);
    }

    /** Whether a class inherits from one that is not here; of such, anonymous ones have no symbol. */
    boolean hasUnknownAncestors(JCClassDecl type) {
        return type.sym == null || hasUnknownAncestors(type.sym);
    }

    private boolean hasUnknownAncestors(Symbol symbol) {
        return symbol instanceof ClassSymbol type
                && ancestors(type).stream().anyMatch(each -> each.hasTag(TypeTag.ERROR) || isOpen(each.tsym));
    }

    private static List<Type> ancestors(ClassSymbol symbol) {
        List<Type> found = new ArrayList<>();
        if (symbol.type instanceof ClassType type) {
            if (type.supertype_field != null) {
                found.add(type.supertype_field);
            }
            var interfaces = type.all_interfaces_field != null ? type.all_interfaces_field : type.interfaces_field;
            if (interfaces != null) {
                found.addAll(interfaces);
            }
        }
        return found;
    }

    private static Symbol upperBound(Type type) {
        Type bound = type.getUpperBound();
        return bound == null ? null : bound.tsym;
    }

    private static List<Type> parts(Type type) {
        List<Type> parts = new ArrayList<>(type.getTypeArguments());
        parts.addAll(type.getParameterTypes());
        if (type.getReturnType() != null) {
            parts.add(type.getReturnType());
        }
        if (type instanceof Type.ArrayType array) {
            parts.add(array.elemtype);
        }
        return parts;
    }

    /** Notes the classes with an annotation of Lombok's on themselves or a member. */
    private final class LombokFinder extends TreeScanner {
        private JCClassDecl current;

        @Override
        public void visitClassDef(JCClassDecl tree) {
            JCClassDecl outer = current;
            current = tree;
            super.visitClassDef(tree);
            current = outer;
        }

        @Override
        public void visitAnnotation(JCAnnotation tree) {
            super.visitAnnotation(tree);
            if (current != null && imports.mayBeLombok(tree.annotationType.toString())) {
                lombok.add(current.sym);
            }
        }

        @Override
        public void scan(JCTree tree) {
            if (tree != null) {
                super.scan(tree);
            }
        }
    }
}
