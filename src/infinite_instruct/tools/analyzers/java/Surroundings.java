package verify;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Finds the trees around a position. javac reports on copies of trees, so parents are no help. */
final class Surroundings extends TreeScanner<Void, Long> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final Deque<Tree> around = new ArrayDeque<>();

    Surroundings(CompilationUnitTree unit, SourcePositions positions) {
        this.unit = unit;
        this.positions = positions;
    }

    /** The trees that a position lies in. */
    Place of(long position) {
        around.clear();
        scan(unit, position);
        return new Place(List.copyOf(around));
    }

    @Override
    public Void scan(Tree tree, Long position) {
        if (tree != null && holds(tree, position)) {
            around.push(tree);
            super.scan(tree, position);
        }
        return null;
    }

    /** Whether a position lies in a tree. */
    boolean holds(Tree tree, long position) {
        return tree == unit
                || positions.getStartPosition(unit, tree) <= position
                        && position < positions.getEndPosition(unit, tree);
    }
}
