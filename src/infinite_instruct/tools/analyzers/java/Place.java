package verify;

import com.sun.source.tree.Tree;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A place in a source.
 *
 * @param around the trees that it lies in, the innermost first
 */
record Place(List<Tree> around) {
    /** The trees of a kind. */
    <T> Stream<T> all(Class<T> kind) {
        return around.stream().filter(kind::isInstance).map(kind::cast);
    }

    /** The innermost tree of a kind. */
    <T> Optional<T> inner(Class<T> kind) {
        return all(kind).findFirst();
    }

    /** The classes whose members it sees: what stands in a class's head is outside of it. */
    Stream<JCClassDecl> classes() {
        List<JCClassDecl> found = new ArrayList<>();
        Tree part = null;
        for (Tree tree : around) {
            if (tree instanceof JCClassDecl type && type.defs.contains(part)) {
                found.add(type);
            }
            part = tree;
        }
        return found.stream();
    }
}
