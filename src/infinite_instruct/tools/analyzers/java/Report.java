package verify;

import java.util.ArrayList;
import java.util.List;

/**
 * What is said of one source, as JSON: {@code {"fault": "", "unresolved": ["org.junit.Test"],
 * "diagnostics": [{"rule": "cant.resolve", "error": true, "line": 1, "column": 1, "message": ""}]}}.
 */
record Report(String fault, List<String> unresolved, List<Finding> findings) {
    private static final int MAX_MESSAGE = 2_000;

    /** One finding; lines and columns count from 1, 0 says the whole text. */
    record Finding(String rule, boolean error, int line, int column, String message) {
        String json() {
            return "{\"rule\":" + quoted(rule) + ",\"error\":" + error + ",\"line\":" + line
                    + ",\"column\":" + column + ",\"message\":" + quoted(message) + "}";
        }
    }

    /** Nobody could look. */
    static Report fault(String why) {
        return new Report(why, List.of(), List.of());
    }

    /** One error of the whole text. */
    static Report error(String rule, String message) {
        return new Report("", List.of(), List.of(new Finding(rule, true, 0, 0, message)));
    }

    String json() {
        List<String> names = unresolved.stream().map(Report::quoted).toList();
        List<String> found = new ArrayList<>();
        findings.forEach(finding -> found.add(finding.json()));
        return "{\"fault\":" + quoted(fault) + ",\"unresolved\":[" + String.join(",", names)
                + "],\"diagnostics\":[" + String.join(",", found) + "]}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        int length = Math.min(text.length(), MAX_MESSAGE);
        for (int i = 0; i < length; i++) {
            char letter = text.charAt(i);
            if (letter >= ' ' && letter < 0x7f && letter != '"' && letter != '\\') {
                quoted.append(letter);
            } else {
                quoted.append(String.format("\\u%04x", (int) letter));
            }
        }
        return quoted.append('"').toString();
    }
}
