// PostgreSQL's own parser (libpg_query, as WebAssembly). Argument: the folder of the package
// libpg-query. It parses statements and the bodies of PL/pgSQL functions; there is no database.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { answerRounds } from "./rounds.mjs";

const entry = pathToFileURL(join(process.argv[2], "wasm", "index.js")).href;
const { loadModule, parseSync, parsePlPgSQLSync, SqlError } = await import(entry);
await loadModule();

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

/** What is wrong with statements, or with the bodies of their PL/pgSQL functions. */
function faultsOf(text) {
  const body = refusal(parsePlPgSQLSync, text); // parses all, and makes no tree of it
  if (!body) return [];
  const said = refusal(parseSync, text);
  if (!said) return [{ rule: "plpgsql", line: 0, column: 0, message: body.message }];
  const place = placeOf(text, said.sqlDetails?.cursorPosition ?? 0);
  return [{ rule: "postgresql", ...place, message: said.message }];
}

await answerRounds((text) => {
  if (!text.trim()) return [];
  const faults = faultsOf(text);
  const plain = faults.length ? withoutPsql(text) : text;
  return plain === text ? faults : plain.trim() ? faultsOf(plain) : [];
});
