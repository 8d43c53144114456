import { describe, expect, test } from "bun:test";
import { findMemory, splitPrompt } from "../../../src/adapt/system-prompt/split-prompt.ts";

const split = (...lines: string[]) => splitPrompt(lines.join("\n"));
const brief = (...lines: string[]) => split(...lines).map(({ treatment, text }) => `${treatment}: ${text}`);

describe("splitPrompt", () => {
  test("ends a unit at a blank line and before a list item, with the gap that was there", () => {
    expect(split("One", "two", "", "- three", "- four")).toMatchObject([
      { text: "One\ntwo", gap: "\n\n" },
      { text: "- three", gap: "\n\n" },
      { text: "- four", gap: "\n" },
    ]);
  });

  test("keeps a heading with what follows it", () => {
    expect(brief("# Mine", "", "Text", "", "More")).toEqual(["cut: # Mine\n\nText", "cut: More"]);
  });

  test("names the part of each unit by its first line", () => {
    expect(split("Before", "", "# Mine", "Text").map(({ part }) => part)).toEqual(["", "# Mine"]);
  });

  test("treats a part by its heading, up to the next heading", () => {
    expect(brief("# Doing tasks", "a", "# Mine", "b", "# Environment", "c  c", "", "d")).toEqual([
      "drop: # Doing tasks\na",
      "cut: # Mine\nb",
      "keep: # Environment\nc  c\n\nd",
    ]);
  });

  test("does not take headings in fences and tags for parts", () => {
    expect(brief("# Mine", "```", "# Doing tasks", "```")).toEqual(["cut: # Mine\n```\n# Doing tasks\n```"]);
    expect(brief("# Mine", "<note>", "# Doing tasks", "</note>")).toEqual([
      "cut: # Mine",
      "keep: <note>\n# Doing tasks\n</note>",
    ]);
  });

  test("a fence or tag that is never closed hides nothing", () => {
    for (const opening of ["```", "<note>"])
      expect(brief(opening, "# Environment", "a").at(-1)).toBe("keep: # Environment\na");
  });

  test("removes needless spaces, except in code, paths and kept parts", () => {
    expect(brief("a   b  ", "", "`a   b`", "", "c:\\x   y")).toEqual([
      "cut: a b",
      "cut: `a   b`",
      "cut: c:\\x   y",
    ]);
  });

  test("reads headings of the client below the environment as the user's", () => {
    expect(brief("# Environment", "a", "# Doing tasks", "mine").at(-1)).toBe("cut: # Doing tasks\nmine");
  });
});

test("findMemory reads the path from the part that names it", () => {
  const unit = split("# auto memory", "It is in `/home/ann/memory/`.")[0];
  expect(unit && findMemory(unit)).toBe("/home/ann/memory/");
  const other = split("# Mine", "It is in `/home/ann/memory/`.")[0];
  expect(other && findMemory(other)).toBeUndefined();
});
