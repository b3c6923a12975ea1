package verify;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.tools.javac.code.Flags;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import java.util.List;

/** What a text may be: a file, the members of a class that is not told, or statements. */
enum Form {
    FILE("", "", ""),
    MEMBERS("class ", " {", "\n}"),
    STATEMENTS("class ", " { void main(String[] args) throws Throwable {", "\n}}");

    /** What jshell imports, which takes such texts too. */
    private static final List<String> IMPORTED =
            List.of(
                    "java.io", "java.math", "java.net", "java.nio.file", "java.util",
                    "java.util.concurrent", "java.util.function", "java.util.prefs",
                    "java.util.regex", "java.util.stream");

    private final String head;
    private final String tail;
    private final String closing;

    Form(String head, String tail, String closing) {
        this.head = head;
        this.tail = tail;
        this.closing = closing;
    }

    /** The text in this form, behind its own imports. */
    Source wrap(String text) {
        if (this == FILE) {
            return new Source(text, 0, "", "");
        }
        StringBuilder inserted = new StringBuilder(" ");
        IMPORTED.forEach(name -> inserted.append("import ").append(name).append(".*; "));
        inserted.append(head).append(unused("Snippet", text)).append(tail);
        return new Source(text, Lexed.headerEnd(text), inserted.append(' ').toString(), closing);
    }

    /** Whether a unit that was parsed without an error is a text of this form, and nothing else. */
    boolean fits(JCCompilationUnit unit) {
        if (this == FILE) {
            return true;
        }
        List<? extends Tree> declared = unit.getTypeDecls();
        if (unit.getPackage() != null || declared.size() != 1) {
            return false; // a file after all, or one that closes our class
        }
        List<? extends Tree> members = ((ClassTree) declared.get(0)).getMembers();
        if (this == MEMBERS) {
            return !members.isEmpty();
        }
        return members.size() == 1
                && members.get(0) instanceof MethodTree method
                && !method.getBody().getStatements().isEmpty();
    }

    /** Classes beside bare methods are no inner classes. */
    void settle(JCCompilationUnit unit) {
        if (this == MEMBERS) {
            JCClassDecl ours = (JCClassDecl) unit.getTypeDecls().get(0);
            for (Tree member : ours.getMembers()) {
                if (member instanceof JCClassDecl nested) {
                    nested.mods.flags |= Flags.STATIC;
                }
            }
        }
    }

    private static String unused(String name, String text) {
        return text.contains(name) ? unused(name + "_", text) : name;
    }
}
