import { describe, expect, test } from "bun:test";
import { ThinkTagSplitter } from "../../../src/upstream/reasoning/split-think-tags.ts";

/** Splits text that comes in pieces, and joins adjacent pieces of one kind. */
function split(pieces: readonly string[]): string[] {
  const splitter = new ThinkTagSplitter();
  const found = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  const joined: { kind: string; text: string }[] = [];
  for (const { kind, text } of found) {
    const last = joined.at(-1);
    if (last?.kind === kind) last.text += text;
    else joined.push({ kind, text });
  }
  return joined.map(({ kind, text }) => `${kind}: ${text}`);
}

const cases: [name: string, text: string, pieces: string[]][] = [
  ["no tag", "Hello <b>", ["text: Hello <b>"]],
  ["a tag at the start", "<think>x</think>\n\ny", ["thinking: x", "text: y"]],
  ["white space before the tag", "\n <think>x</think>y", ["thinking: x", "text: y"]],
  ["other tag names", "<thought>x</thought>y", ["thinking: x", "text: y"]],
  ["a later tag is text", "see <think>x</think>", ["text: see <think>x</think>"]],
  ["a second tag is text", "<think>x</think>y <think>z</think>", ["thinking: x", "text: y <think>z</think>"]],
  ["a tag name that only starts the same", "<this> is", ["text: <this> is"]],
  ["half a closing tag", "<think>a </thin b</think>c", ["thinking: a </thin b", "text: c"]],
  ["no closing tag", "<think>never", ["thinking: never"]],
  ["an answer that is half a tag", "<thi", ["text: <thi"]],
  ["nothing after the tag", "<think>x</think>\n", ["thinking: x"]],
];

describe("think tags", () => {
  for (const [name, text, pieces] of cases) {
    test(name, () => {
      expect(split([text])).toEqual(pieces);
      expect(split([...text])).toEqual(pieces);
      for (let cut = 1; cut < text.length; cut++)
        expect(split([text.slice(0, cut), text.slice(cut)])).toEqual(pieces);
    });
  }
});
