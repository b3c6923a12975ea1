<?php
/**
 * Answer rounds of PHP texts with their faults; the protocol is told in parser_worker.py.
 *
 * A text is parsed and compiled by PHP itself and never run: `token_get_all` and
 * `opcache_compile_file` have no way to. Compiling leaves functions behind, so every text is moved
 * into a namespace of its own; it stays on its lines.
 */
declare(strict_types=1);

namespace Verification;

/** The text that is compiled, as the file `sample://text`: nothing is written. */
final class Sample
{
    public static string $text = '';
    /** @var resource|null set by PHP */
    public $context;
    private int $read = 0;

    public function stream_open(): bool
    {
        return true;
    }

    public function stream_read(int $count): string
    {
        $part = substr(self::$text, $this->read, $count);
        $this->read += strlen($part);
        return $part;
    }

    public function stream_eof(): bool
    {
        return $this->read >= strlen(self::$text);
    }

    /** @return array{size: int} */
    public function stream_stat(): array
    {
        return ['size' => strlen(self::$text)];
    }

    public function stream_set_option(): bool
    {
        return false;
    }
}

/** @return list<array{rule: string, line: int, message: string}> */
function faults(string $code): array
{
    try {
        $tokens = \PhpToken::tokenize($code, TOKEN_PARSE);
    } catch (\ParseError $fault) {
        return [fault('syntax', $fault->getLine(), $fault->getMessage())];
    }
    $found = hidden($tokens) ?? redeclared($tokens);
    return $found === null ? compiled($tokens) : [$found];
}

/** @return array{rule: string, line: int, message: string} */
function fault(string $rule, int $line, string $message): array
{
    return ['rule' => $rule, 'line' => $line, 'message' => substr($message, 0, 500)];
}

/** Whether there is no PHP at all, or text behind the end of it. */
function hidden(array $tokens): ?array
{
    $opens = false;
    foreach ($tokens as $token) {
        $opens = $opens || $token->is([T_OPEN_TAG, T_OPEN_TAG_WITH_ECHO]);
        if ($token->is(T_HALT_COMPILER)) {
            return fault('hidden', $token->line, 'Nothing is read after `__halt_compiler`.');
        }
    }
    return $opens ? null : fault('hidden', 0, 'Without `<?php` this is text, no code.');
}

/** A class that is declared twice: opcache compiles classes without entering them. */
function redeclared(array $tokens): ?array
{
    $depth = 0;
    $seen = [];
    $words = array_values(array_filter($tokens, static fn ($token) => !$token->isIgnorable()));
    foreach ($words as $index => $token) {
        $depth += $token->is(['{', T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES]) <=> $token->is('}');
        if ($token->is(T_NAMESPACE)) {
            return null; // names in several namespaces may be the same
        }
        $declares = $token->is([T_CLASS, T_INTERFACE, T_TRAIT, T_ENUM]);
        $name = $words[$index + 1] ?? null;
        if ($depth > 0 || !$declares || $name === null || !$name->is(T_STRING)) {
            continue;
        }
        if (isset($seen[strtolower($name->text)])) {
            return fault('redeclared', $name->line, "Cannot declare {$name->text} a second time.");
        }
        $seen[strtolower($name->text)] = true;
    }
    return null;
}

/** What the compiler refuses. */
function compiled(array $tokens): array
{
    static $number = 0;
    $space = 'verification' . ++$number;
    Sample::$text = apart($tokens, $space);
    ob_start();
    try {
        opcache_compile_file('sample://text');
    } catch (\Throwable $fault) {
        ob_end_clean();
        return [fault('compile', $fault->getLine(), $fault->getMessage())];
    }
    $said = (string) ob_get_clean();
    if (!preg_match('/^Fatal error: (.*) in \S+ on line (\d+)$/m', $said, $found)) {
        return [];
    }
    $message = preg_replace('/ \(previously declared in .*\)$/', '', $found[1]);
    $message = str_replace("$space\\", '', $message);
    $rule = str_starts_with($message, 'Cannot redeclare') ? 'redeclared' : 'compile';
    return [fault($rule, (int) $found[2], $message)];
}

/** The text in a namespace of its own. */
function apart(array $tokens, string $space): string
{
    $places = array_keys(array_filter($tokens, static fn ($token) => !$token->isIgnorable()));
    $spaced = false;
    $moved = [];
    foreach ($places as $index => $place) {
        if ($tokens[$place]->is(T_NAMESPACE)) {
            $next = $places[$index + 1];
            $moved[$next] = $tokens[$next]->is('{') ? " $space" : "$space\\";
            $spaced = true;
        }
    }
    if (!$spaced) {
        $place = behindDeclares($tokens, $places);
        $moved[$place] = $place > 0 ? "namespace $space; " : "<?php namespace $space; ?>";
    }
    $text = '';
    foreach ($tokens as $place => $token) {
        $text .= ($moved[$place] ?? '') . $token->text;
    }
    return $text . ($moved[count($tokens)] ?? '');
}

/** Where a namespace may be named: behind `declare(strict_types=1);`, else first of all. */
function behindDeclares(array $tokens, array $places): int
{
    $place = 0;
    $declares = false;
    foreach ($places as $next) {
        $declares = $declares || $tokens[$next]->is(T_DECLARE);
        if (!$declares) {
            break;
        }
        if ($tokens[$next]->is(';')) {
            $place = $next + 1;
            $declares = false;
        }
    }
    return $place;
}

/** Answer until stdin ends. */
function main(): void
{
    ini_set('display_errors', '1'); // compiled() reads them
    stream_wrapper_register('sample', Sample::class);
    while (($count = fgets(STDIN)) !== false) {
        $lines = [];
        for ($left = (int) $count; $left > 0; $left--) {
            $lines[] = fgets(STDIN);
        }
        foreach ($lines as $line) {
            $found = faults(withoutShebang(json_decode($line)));
            fwrite(STDOUT, json_encode($found, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
        }
    }
}

/** As `php FILE` reads it: without a first line for the system, all others where they were. */
function withoutShebang(string $code): string
{
    return preg_replace('/\A#!.*\n<\?php\b/', "<?php\n", $code);
}

if (PHP_SAPI === 'cli') {
    main();
}
