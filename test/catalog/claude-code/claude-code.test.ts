import { expect, test } from "bun:test";
import * as claudeCode from "../../../src/catalog/claude-code/claude-code.ts";
import { everything, isIn, withoutComments } from "../../support/sources.ts";

const room = "src/catalog/claude-code/";
const insiders = everything.filter(({ file }) => isIn(room)(file));
const outsiders = everything.filter(({ file }) => isIn("src/")(file) && !isIn(room)(file));

/** All strings in a value made of lists and records. */
const stringsIn = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null && !(value instanceof RegExp)
    ? Object.values(value).flatMap(stringsIn)
    : [];
};

test("the room has one door", () => {
  const strays = outsiders.flatMap(({ file, imports }) =>
    imports
      .filter((target) => isIn(room)(target) && target !== `${room}claude-code.ts`)
      .map((target) => `${file} → ${target}`),
  );
  expect(strays).toEqual([]);
});

test("each fact names a version it was seen in", () => {
  const facts = insiders.flatMap(({ code }) =>
    code.split(/(?=^\/\*\*)/m).filter((part) => /^export const/m.test(part)),
  );
  expect(facts).not.toEqual([]);
  expect(facts.filter((fact) => !/\b2\.1\.\d+/.test(fact))).toEqual([]);
});

test("no other room writes the client's strings", () => {
  // A plain word in lower case may mean anything, and the product's name is for users to read.
  const strings = stringsIn(claudeCode).filter((text) => /[^a-z]/.test(text) && text !== "Claude Code");
  expect(strings).not.toEqual([]);
  const patterns = [
    /\b(?:CLAUDE_CODE_|x-claude-code-|claude-cli\b)/,
    ...strings.map((text) => new RegExp(`(?<!\\w)${RegExp.escape(text)}`)),
  ];
  const strays = outsiders.flatMap(({ file, code }) =>
    patterns
      .filter((pattern) => pattern.test(withoutComments(code)))
      .map((pattern) => `${file}: ${pattern.source}`),
  );
  expect(strays).toEqual([]);
});
