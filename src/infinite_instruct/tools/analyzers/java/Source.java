package verify;

import com.sun.tools.javac.api.ClientCodeWrapper.Trusted;
import java.net.URI;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.NestingKind;
import javax.tools.SimpleJavaFileObject;

/** A source in memory: the text, perhaps with words of ours within; positions are the text's. */
@Trusted
final class Source extends SimpleJavaFileObject {
    /** No class can be named so: javac 25 makes no implicit class of bare members then. */
    private static final String NAME = "0.java";

    private final String text;
    private final String compiled;
    private final int insertedAt;
    private final int insertedLength;
    private String publicClass;

    /**
     * @param text what is judged
     * @param at where our words go
     * @param inserted our words, without line ends
     * @param appended what closes them, behind the text
     */
    Source(String text, int at, String inserted, String appended) {
        super(URI.create("string:///" + NAME), Kind.SOURCE);
        this.text = text;
        this.compiled = text.substring(0, at) + inserted + text.substring(at) + appended;
        this.insertedAt = at;
        this.insertedLength = inserted.length();
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return compiled;
    }

    /** The first public class may have any name: the file has none of its own. */
    @Override
    public boolean isNameCompatible(String simpleName, Kind kind) {
        if (publicClass == null && SourceVersion.isIdentifier(simpleName)) {
            publicClass = simpleName;
        }
        return simpleName.equals(publicClass);
    }

    @Override
    public NestingKind getNestingKind() {
        return null;
    }

    @Override
    public Modifier getAccessLevel() {
        return null;
    }

    /** The line of a position in what was compiled, from 1; 0 for no position. */
    int line(long position) {
        int line = position < 0 ? 0 : 1;
        for (int i = 0, end = inText(position); i < end; i++) {
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
        return line;
    }

    /** The column of a position in what was compiled, in characters from 1; 0 for no position. */
    int column(long position) {
        if (position < 0) {
            return 0;
        }
        int end = inText(position);
        int start = text.lastIndexOf('\n', end - 1) + 1;
        return text.codePointCount(start, end) + 1;
    }

    /** Where a position in what was compiled lies in the text. */
    int inText(long position) {
        long own = position <= insertedAt ? position : Math.max(insertedAt, position - insertedLength);
        return (int) Math.max(0, Math.min(own, text.length()));
    }
}
