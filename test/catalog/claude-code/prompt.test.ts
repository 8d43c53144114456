import { describe, expect, test } from "bun:test";
import { promptSections } from "../../../src/catalog/claude-code/prompt.ts";

const find = (line: string) => promptSections.find(({ begins }) => begins.test(line));

describe("a section is recognized by its first line", () => {
  test.each([
    ["# Doing tasks", "behavior"],
    ["## Types of memory", "behavior"],
    ["# Session-specific guidance", "session"],
    ["# Environment", "context"],
    ["gitStatus: This is the git status", "context"],
    ["# claudeMd", "context"],
    ["Contents of /home/ann/CLAUDE.md (project instructions, checked into the codebase):", "context"],
    ["# VSCode Extension Context", "behavior"],
  ] as const)("%s", (line, holds) => {
    expect(find(line)?.holds).toBe(holds);
  });

  test.each(["# Doing tasks well", "## Doing tasks", "Doing tasks", "see notes.md for more:", "# Unknown"])(
    "%s begins no section",
    (line) => {
      expect(find(line)).toBeUndefined();
    },
  );
});

test("only the client's own headings apply above the environment alone", () => {
  for (const section of promptSections.filter(({ holds }) => holds === "context"))
    expect(section.anywhere).toBe(true);
});
