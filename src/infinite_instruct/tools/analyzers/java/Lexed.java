package verify;

import com.sun.tools.javac.parser.Scanner;
import com.sun.tools.javac.parser.ScannerFactory;
import com.sun.tools.javac.parser.Tokens.Token;
import com.sun.tools.javac.parser.Tokens.TokenKind;
import com.sun.tools.javac.util.Context;
import com.sun.tools.javac.util.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.DiagnosticListener;

/** A text as javac's scanner sees it: tokens, without comments, with escapes translated. */
final class Lexed {
    /** The escape of a character that code is made of. */
    private static final Pattern ESCAPE = Pattern.compile("(\\\\u++00)[0-7][0-9a-fA-F]");

    private Lexed() {}

    /** Where the text's package and imports end. */
    static int headerEnd(String text) {
        int end = 0;
        boolean within = false;
        for (Token token : tokens(text)) {
            within |= token.kind == TokenKind.IMPORT || token.kind == TokenKind.PACKAGE;
            if (!within) {
                break;
            }
            if (token.kind == TokenKind.SEMI) {
                end = token.endPos;
                within = false;
            }
        }
        return end;
    }

    /**
     * Whether unicode escapes make other code of the text than a reader sees.
     *
     * <p>javac translates them before it looks for comments and strings; whoever else read the
     * text did not. So it must have the same tokens when they are letters like any other.
     */
    static boolean escapesHideCode(String text) {
        String plain = ESCAPE.matcher(text).replaceAll("$1e9");
        return !plain.equals(text) && !outline(plain).equals(outline(text));
    }

    private static List<String> outline(String text) {
        return tokens(text).stream().map(each -> each.kind + "@" + each.pos + "-" + each.endPos).toList();
    }

    private static List<Token> tokens(String text) {
        Context context = new Context();
        DiagnosticListener<Object> nobody = fault -> {};
        context.put(DiagnosticListener.class, nobody);
        Log.instance(context).useSource(new Source(text, 0, "", ""));
        Scanner scanner = ScannerFactory.instance(context).newScanner(text, false);
        List<Token> tokens = new ArrayList<>();
        do {
            scanner.nextToken();
            tokens.add(scanner.token());
        } while (scanner.token().kind != TokenKind.EOF);
        return tokens;
    }
}
