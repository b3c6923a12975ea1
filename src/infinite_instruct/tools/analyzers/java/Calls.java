package verify;

import com.sun.source.tree.Tree;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCFieldAccess;
import com.sun.tools.javac.tree.JCTree.JCIdent;
import com.sun.tools.javac.tree.JCTree.JCLambda;
import com.sun.tools.javac.tree.JCTree.JCMemberReference;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.JCTree.JCMethodInvocation;
import com.sun.tools.javac.tree.JCTree.JCNewClass;
import com.sun.tools.javac.tree.JCTree.JCReturn;
import com.sun.tools.javac.tree.JCTree.JCStatement;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.List;
import com.sun.tools.javac.util.Name;
import java.util.HashSet;
import java.util.Set;

/** Which calls cannot be resolved as they would be if all imports were here. */
final class Calls {
    private final Unknown unknown;

    Calls(Unknown unknown) {
        this.unknown = unknown;
    }

    /** Whether a tree calls something that is not known. */
    boolean anyUnknown(Iterable<? extends JCTree> trees) {
        CallFinder finder = new CallFinder();
        trees.forEach(finder::scan);
        return finder.found;
    }

    /**
     * Whether the call at a place is unknown, or one that gives types to the lambda around it.
     *
     * @param place where it is
     * @param ofCall whether the place's own call counts
     * @param anyInLambda whether all that stands in a lambda depends on it, not only its parameters
     */
    boolean unknownAround(Place place, boolean ofCall, boolean anyInLambda) {
        Tree part = null; // the statement that the place is in
        boolean inCall = ofCall;
        boolean inLambda = false;
        for (Tree tree : place.around()) {
            if (tree instanceof JCMethodDecl || tree instanceof JCClassDecl) {
                return false;
            }
            if (isCall(tree) && (inCall || inLambda)) {
                if (isUnknown((JCExpression) tree) || inLambda && isUnresolved(tree)) {
                    return true;
                }
                inCall = false;
            } else if (tree instanceof JCMemberReference) {
                inLambda = true;
            } else if (tree instanceof JCLambda lambda) {
                inLambda |= anyInLambda || isTypedBy(lambda, part);
            } else if (tree instanceof JCStatement) {
                inCall = false;
            }
            if (part == null && tree instanceof JCStatement) {
                part = tree;
            }
        }
        return false;
    }

    /** Whether the call at a place is of a method of the class that it stands in. */
    static boolean isUnqualified(Place place) {
        return place.around().stream()
                .filter(Calls::isCall)
                .findFirst()
                .map(call -> call instanceof JCMethodInvocation method && method.meth instanceof JCIdent)
                .orElse(false);
    }

    /** Whether the call at a place is of a constructor that Lombok may write. */
    boolean isOfLombok(Place place) {
        return place.around().stream()
                .filter(Calls::isCall)
                .findFirst()
                .map(call -> call instanceof JCNewClass creation
                        && creation.clazz.type != null
                        && unknown.isLombok(creation.clazz.type.tsym))
                .orElse(false);
    }

    /** Whether a call's receiver, arguments or method are unknown; its lambdas depend on it. */
    private boolean isUnknown(JCExpression call) {
        TypeFinder finder = new TypeFinder();
        finder.scan(arguments(call));
        if (call instanceof JCNewClass creation) {
            return finder.found || unknown.isUnknown(creation.clazz.type);
        }
        JCExpression method = ((JCMethodInvocation) call).meth;
        if (method instanceof JCFieldAccess select) {
            finder.scan(select.selected);
        }
        Symbol symbol = TreeInfo.symbol(method);
        return finder.found || symbol != null && symbol.kind.isValid() && unknown.isUnknown(symbol);
    }

    private static boolean isUnresolved(Tree call) {
        if (!(call instanceof JCMethodInvocation method)) {
            return false;
        }
        Symbol symbol = TreeInfo.symbol(method.meth);
        return symbol == null || !symbol.kind.isValid();
    }

    private static boolean isCall(Tree tree) {
        return tree instanceof JCMethodInvocation || tree instanceof JCNewClass;
    }

    private static List<JCExpression> arguments(JCExpression call) {
        return call instanceof JCNewClass creation ? creation.args : ((JCMethodInvocation) call).args;
    }

    /** Whether the types in a part of a lambda come from the call that it is an argument of. */
    private static boolean isTypedBy(JCLambda lambda, Tree part) {
        if (part == null || part instanceof JCReturn) {
            return true;
        }
        Set<Name> parameters = new HashSet<>();
        if (lambda.paramKind == JCLambda.ParameterKind.IMPLICIT) {
            lambda.params.forEach(parameter -> parameters.add(parameter.name));
        }
        NameFinder finder = new NameFinder(parameters);
        finder.scan((JCTree) part);
        return finder.found;
    }

    private final class CallFinder extends TreeScanner {
        private boolean found;

        @Override
        public void visitApply(JCMethodInvocation tree) {
            super.visitApply(tree);
            found |= isUnresolved(tree) || unknown.isUnknown(tree.meth.type) || isUnknown(tree);
        }

        @Override
        public void visitNewClass(JCNewClass tree) {
            super.visitNewClass(tree);
            found |= isUnknown(tree);
        }
    }

    /** Finds an expression of an unknown type outside of lambdas. */
    private final class TypeFinder extends TreeScanner {
        private boolean found;

        @Override
        public void scan(JCTree tree) {
            boolean depends = tree instanceof JCLambda || tree instanceof JCMemberReference;
            if (!found && !depends) {
                found = tree instanceof JCExpression && unknown.isUnknown(tree.type);
                super.scan(tree);
            }
        }
    }

    private static final class NameFinder extends TreeScanner {
        private final Set<Name> names;
        private boolean found;

        NameFinder(Set<Name> names) {
            this.names = names;
        }

        @Override
        public void visitIdent(JCIdent tree) {
            found |= names.contains(tree.name);
        }
    }
}
