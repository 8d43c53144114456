import { expect, test } from "bun:test";
import fc from "fast-check";
import { findChoices, splitFrame } from "../../../../src/upstream/openai-chat/reply/find-choices.ts";

test("choices are found in a list, as an object, and where other formats have them", () => {
  const choice = { delta: { content: "a" } };
  for (const chunk of [
    { choices: [choice] },
    { choices: choice },
    { choices: { "0": choice } },
    { output: { choices: [choice] } },
  ])
    expect(findChoices(chunk)).toEqual([choice]);
  const message = { content: "a" };
  expect(findChoices({ message, done: false })).toEqual([{ message, finish_reason: null }]);
  expect(findChoices({ message, done: true, done_reason: "length" })).toEqual([
    { message, finish_reason: "length" },
  ]);
  expect(findChoices({ usage: {} })).toEqual([]);
});

test("texts that were glued together are taken apart, and nothing else is", () => {
  const part = fc.oneof(
    fc.object().map((value) => JSON.stringify(value)),
    fc.constant("[DONE]"),
  );
  const glue = fc.constantFrom("", " ", "\n", "data: ", "data:data: ");
  fc.assert(
    fc.property(fc.array(fc.tuple(glue, part)), (pairs) => {
      expect(splitFrame(pairs.flat().join(""))).toEqual(pairs.map(([, text]) => text));
    }),
  );
  for (const text of ["garbage", "{broken", '{"a":1} and', "[1]"]) expect(splitFrame(text)).toBeUndefined();
});
