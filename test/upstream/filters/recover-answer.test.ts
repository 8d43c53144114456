import { expect, test } from "bun:test";
import type { ReplyEvent } from "../../../src/reply.ts";
import { createAnswerRecovery } from "../../../src/upstream/filters/recover-answer.ts";
import { callOf, finished, said, searchOf, used } from "../../support/reply-events.ts";

const thought = (text: string): ReplyEvent => ({ type: "thinking-delta", text });
const push = (...facts: ReplyEvent[]) => createAnswerRecovery().push(facts);

test("an answer that is all in the reasoning becomes text", () => {
  expect(push(thought("The "), used, thought("answer"), said(" \n"), finished)).toEqual([
    thought("The "),
    used,
    thought("answer"),
    said(" \n"),
    said("The answer"),
    finished,
  ]);
});

test.each([
  ["text", [said("answer")]],
  ["a call", callOf(0)],
  ["a search", [searchOf([])]],
])("beside %s it stays reasoning", (_, answer) => {
  const facts = [thought("Hm"), ...answer, finished];
  expect(push(...facts)).toEqual(facts);
});

test("of a cut answer, or of white space, nothing is taken", () => {
  const cut: ReplyEvent[] = [thought("Hm"), { type: "finish", reason: "max-tokens" }];
  expect(push(...cut)).toEqual(cut);
  expect(push(thought(" \n"), finished)).toEqual([thought(" \n"), finished]);
});
