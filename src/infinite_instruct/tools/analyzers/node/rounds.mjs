// Answer rounds of texts with their faults; the protocol is told in parser_worker.py.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

const MAX_FAULTS = 20;
const MAX_MESSAGE = 500;

/**
 * Answer until stdin ends.
 *
 * @param {(text: string) => {rule: string, line: number, column: number, message: string}[]} judge
 */
export async function answerRounds(judge) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (let head = await lines.next(); !head.done; head = await lines.next()) {
    const texts = [];
    for (let left = Number(head.value); left > 0; left--) {
      texts.push(JSON.parse((await lines.next()).value));
    }
    for (const text of texts) {
      const faults = judge(text).slice(0, MAX_FAULTS);
      for (const fault of faults) fault.message = fault.message.slice(0, MAX_MESSAGE);
      writeSync(1, JSON.stringify(faults) + "\n"); // at once: a crash must not take it along
    }
  }
}

/**
 * The place of a byte offset, counted from 1.
 *
 * @param {Uint8Array} bytes
 * @param {number} offset
 */
export function placeOf(bytes, offset) {
  const before = new TextDecoder().decode(bytes.subarray(0, offset));
  const lines = before.split("\n");
  return { line: lines.length, column: lines.at(-1).length + 1 };
}
