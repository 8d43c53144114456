import { expect, test } from "bun:test";
import { createLog } from "../../src/telemetry/log.ts";
import { createNotes } from "../../src/telemetry/notes.ts";

function noted(words: readonly string[]): string[] {
  const lines: string[] = [];
  const notes = createNotes(
    createLog("INFO", (line) => lines.push(line.slice("2026-01-02T00:00:00.000Z WARNING ".length))),
    "req_1",
  );
  for (const each of words) notes.add(each);
  notes.end();
  notes.end();
  return lines;
}

test("each note is logged once, with the request's id", () => {
  expect(noted(["left out top_k", "left out a file", "left out top_k"])).toEqual([
    "left out top_k id=req_1",
    "left out a file id=req_1",
  ]);
});

test("at most 20 are logged, and the rest are counted", () => {
  const lines = noted(Array.from({ length: 100_000 }, (_, i) => `left out a block of the type x${i}`));
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe("Left 99980 more notes about this request out of the log id=req_1");
});

test("long ones are cut, and count as the same if they begin alike", () => {
  const name = "x".repeat(3_000_000);
  expect(noted([`left out ${name}1`, `left out ${name}2`])).toEqual([
    `left out ${"x".repeat(191)}… id=req_1`,
  ]);
});
