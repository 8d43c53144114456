import { describe, expect, test } from "bun:test";
import { findOwnPassages, fingerprintPassage } from "../../../src/adapt/system-prompt/find-own-passages.ts";
import { splitPrompt } from "../../../src/adapt/system-prompt/split-prompt.ts";
import { knownPassages } from "../../../src/catalog/claude-code/claude-code.ts";
import { full, passages, promptOf } from "../../support/prompts.ts";

describe("fingerprintPassage", () => {
  test("leaves out numbers, white space, and where things are", () => {
    const same = "Notes of 12 days are in `/home/ann lee/notes/`, see ~/a/b.md.";
    expect(fingerprintPassage(same)).toBe(
      fingerprintPassage("Notes of 9 days\n are in `C:\\me\\notes`, see /c/d."),
    );
  });

  test("tells other words apart", () =>
    expect(fingerprintPassage("Notes of days")).not.toBe(fingerprintPassage("Notes of weeks")));
});

describe("findOwnPassages", () => {
  const find = (prompt: string) => findOwnPassages(splitPrompt(prompt), passages).size;

  test("finds all passages of the client's prompt", () => expect(find(promptOf(full))).toBeGreaterThan(30));

  test("finds none in words of somebody else under the same headings", () =>
    expect(find(full.map((heading) => `${heading}\n\nSell shoes.`).join("\n\n"))).toBe(0));

  test("finds none in one part alone", () => {
    const [, part = ""] = promptOf(full).split(/(?=# Doing tasks|# Executing)/);
    expect(find(part)).toBe(0);
    expect(find(`${part}\n\n${part}`)).toBe(0);
  });
});

test("the catalog has fingerprints of real versions", () => {
  expect(knownPassages.size).toBeGreaterThan(100);
  for (const each of knownPassages) expect(each).toMatch(/^[\w-]{10}$/);
});
