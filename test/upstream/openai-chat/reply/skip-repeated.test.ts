import { expect, test } from "bun:test";
import { createRepeatFilter } from "../../../../src/upstream/openai-chat/reply/skip-repeated.ts";

/** What is left of the contents of messages; the last one has a finish reason. */
function read(...contents: string[]): string {
  const filter = createRepeatFilter();
  return contents
    .map((content, at) => filter.push({ content }, at === contents.length - 1).content)
    .join("|");
}

test("pieces are kept, everything so far is cut", () => {
  expect(read("a", "b", "b", "")).toBe("a|b|b|");
  expect(read("a", "ab", "abc", "abc")).toBe("a|b|c|");
});

test("a last message that repeats the whole answer says nothing new", () => {
  expect(read("Hi", "Hi")).toBe("Hi|");
  expect(read("a", "b", "ab")).toBe("a|b|");
});

test("each field is read for itself, and other values stay", () => {
  const filter = createRepeatFilter();
  filter.push({ content: "", reasoning: "a" }, false);
  expect(filter.push({ content: "b", reasoning: "ab", role: "assistant" }, false)).toEqual({
    content: "b",
    reasoning: "b",
    role: "assistant",
  });
});
