import { expect, test } from "bun:test";
import {
  furtherHeading,
  guide,
  memoryNote,
  sectionRules,
} from "../../../src/adapt/system-prompt/prompt-sections.ts";

const ruleFor = (text: string) => sectionRules.find(({ begins }) => begins.test(text.split("\n")[0] ?? ""));

test("behavior is dropped, what no model can know is kept, and a session's offers go first", () => {
  expect(ruleFor("# Doing tasks")?.treatment).toBe("drop");
  expect(ruleFor("# Environment")?.treatment).toBe("keep");
  expect(ruleFor("# Session-specific guidance")?.treatment).toBe("spare");
  expect(ruleFor("# My own rules")).toBeUndefined();
});

test("our note about the client's memory is kept when a prompt is compressed again", () => {
  const note = memoryNote("/home/ann/memory/");
  expect(note).toContain("`/home/ann/memory/`");
  expect(ruleFor(note)).toMatchObject({ treatment: "keep", anywhere: true });
});

test("our guide and heading are not taken for parts of the client", () => {
  expect(ruleFor(guide)).toBeUndefined();
  expect(ruleFor(furtherHeading)).toBeUndefined();
});
