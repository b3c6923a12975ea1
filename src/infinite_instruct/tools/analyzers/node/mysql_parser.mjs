// A second parser of MySQL (its published ANTLR grammar). Argument: the folder of dt-sql-parser.
import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { answerRounds } from "./rounds.mjs";

register("./extensions.mjs", import.meta.url);
const entry = join(process.argv[2], "dist", "parser", "mysql", "index.js");
const { MySQL } = await import(pathToFileURL(entry).href);
const mysql = new MySQL();

const QUICK = 0; // antlr's SLL: wrong about some good texts
const EXACT = 1; // its LL

class Refusal extends Error {
  constructor(line, column, message) {
    super(message);
    this.fault = { rule: "mysql", line, column: column + 1, message };
  }
}

const listener = {
  syntaxError(_recognizer, token, line, column, message) {
    const at = token ? (token.text === "<EOF>" ? "end of input" : `"${token.text}"`) : message;
    throw new Refusal(line, column, `syntax error at or near ${at}`);
  },
  reportAmbiguity() {},
  reportAttemptingFullContext() {},
  reportContextSensitivity() {},
};

/** The first fault, or none. Its own `validate` goes on and thinks of suggestions for seconds. */
function faults(text, mode) {
  try {
    const parser = mysql.createParser(text, () => {
      throw new Refusal(0, -1, "a character that starts no word");
    });
    parser.removeErrorListeners();
    parser.addErrorListener(listener);
    parser.buildParseTrees = false;
    parser.interpreter.predictionMode = mode;
    parser.program();
  } catch (error) {
    if (error instanceof Refusal) return [error.fault];
    throw error;
  }
  return [];
}

await answerRounds((text) => (faults(text, QUICK).length ? faults(text, EXACT) : []));
