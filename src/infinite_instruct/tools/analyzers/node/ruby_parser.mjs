// Ruby's own parser (Prism, as WebAssembly). Argument: the folder of the package @ruby/prism.
// It parses; nothing of a text is run, and no file is read: it is given no folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { WASI } from "node:wasi";

import { answerRounds, placeOf } from "./rounds.mjs";

const source = join(process.argv[2], "src");
const { parsePrism } = await import(pathToFileURL(join(source, "parsePrism.js")).href);
const wasm = await WebAssembly.compile(readFileSync(join(source, "prism.wasm")));

/** A parser with a memory of its own. */
function start() {
  const wasi = new WASI({ version: "preview1" });
  const instance = new WebAssembly.Instance(wasm, wasi.getImportObject());
  wasi.initialize(instance);
  return instance.exports;
}

const prism = start();
const noOptions = prism.calloc(1, 64); // all zero: defaults

/** Whether the text parses: quicker than to fetch its tree. */
function succeeds(bytes) {
  const pointer = prism.calloc(1, bytes.length + 1);
  new Uint8Array(prism.memory.buffer, pointer, bytes.length).set(bytes);
  try {
    return prism.pm_parse_success_p(pointer, bytes.length, noOptions) !== 0;
  } finally {
    prism.free(pointer);
  }
}

await answerRounds((text) => {
  const bytes = new TextEncoder().encode(text);
  if (succeeds(bytes)) return [];
  return parsePrism(prism, text).errors.map((fault) => ({
    rule: "syntax",
    ...placeOf(bytes, fault.location.startOffset),
    message: fault.message,
  }));
});
