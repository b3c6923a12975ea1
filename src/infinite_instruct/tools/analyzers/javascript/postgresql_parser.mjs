// PostgreSQL's own parser (libpg_query, as WebAssembly). Argument: the folder of the package
// libpg-query. It parses statements and the bodies of PL/pgSQL functions; there is no database.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { answerRounds } from "./rounds.mjs";

const entry = pathToFileURL(join(process.argv[2], "wasm", "index.js")).href;
const { loadModule, parseSync, parsePlPgSQLSync, SqlError } = await import(entry);
await loadModule();

const PLPGSQL = /\blanguage\s+'?plpgsql\b|\bdo\s+\$/i;

/** What `parse` says of the text, or null. What is no verdict ends this process: it may be bent. */
function refusal(parse, text) {
  try {
    parse(text);
  } catch (error) {
    const verdict = error instanceof SqlError || error.constructor === Error;
    if (!verdict || /memory|stack depth/.test(error.message)) process.exit(9);
    return error;
  }
  return null;
}

/** The text without what psql takes for itself; all else stays where it was. */
function withoutPsql(text) {
  const blank = (found) => found.replace(/[^\n]/g, " ");
  return text
    .replace(/^(\s*copy\s[^;]{0,2000}\sfrom\s+stdin\b[^;]{0,200};)(.*?\n)\\\.$/gims, (_, head, data) =>
      head + blank(data) + "  ")
    .replace(/\\g(?:set|exec|desc|x)?\b[^\n]*$/gm, (found) => ";" + blank(found.slice(1)))
    .replace(/^[ \t]*\\[a-z!?][^\n]*$/gim, blank)
    .replace(/(?<![:\w\])]):(?=['"]?[a-z_])/gi, " ");
}

/** The place of a character, counted from 1. */
function placeOf(text, offset) {
  const before = Array.from(text).slice(0, offset).join("").split("\n");
  return { line: before.length, column: before.at(-1).length + 1 };
}

await answerRounds((text) => {
  if (text.includes("\0")) return [{ rule: "postgresql", line: 0, column: 0, message: "It holds NUL." }];
  if (!text.trim()) return [];
  let said = refusal(parseSync, text);
  let read = text;
  if (said && (read = withoutPsql(text)) !== text && read.trim()) said = refusal(parseSync, read);
  if (said) {
    const place = placeOf(read, said.sqlDetails?.cursorPosition ?? 0);
    return [{ rule: "postgresql", ...place, message: said.message }];
  }
  const body = PLPGSQL.test(read) ? refusal(parsePlPgSQLSync, read) : null;
  return body ? [{ rule: "plpgsql", line: 0, column: 0, message: body.message }] : [];
});
