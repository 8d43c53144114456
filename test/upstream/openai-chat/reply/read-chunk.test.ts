import { expect, test } from "bun:test";
import { ProxyError } from "../../../../src/errors.ts";
import {
  beginCompletion,
  type Completion,
  endCompletion,
  failCompletion,
  readChunk,
} from "../../../../src/upstream/openai-chat/reply/read-chunk.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

const written = { body: "", clientToolName: (name: string) => ({ name }), prefill: "", notes: [] };
const said = (content: string, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason }],
});
const usage = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } };

function read(...chunks: readonly object[]): Completion {
  const completion = beginCompletion(planFor(ask()), written);
  for (const chunk of chunks) readChunk(completion, { ...chunk });
  return completion;
}

/** The facts, in short form. */
function factsOf({ answer: { facts } }: Completion): readonly string[] {
  return facts.map((fact) => {
    if (fact.type === "text-delta") return fact.text;
    if (fact.type === "failure") return fact.error.message;
    return fact.type === "finish" ? fact.reason : fact.type;
  });
}

function readToEnd(...chunks: readonly object[]): readonly string[] {
  const completion = read(...chunks);
  endCompletion(completion);
  expect(completion.isOver).toBe(true);
  return factsOf(completion);
}

test("a finish reason, or usage that comes by itself, ends an answer", () => {
  expect(readToEnd(said("Hi"), said("", "stop"))).toEqual(["Hi", "stop"]);
  expect(readToEnd(said("Hi"), usage)).toEqual(["Hi", "usage", "stop"]);
  expect(readToEnd(said("Hi"), { ...said("!"), usage: usage.usage })).toEqual([
    "Hi",
    "!",
    "usage",
    "The backend ended its stream before the answer was finished",
  ]);
});

test("only usage is expected after a finish reason, unless more of the answer has come", () => {
  expect(read(said("Hi")).isFinished).toBe(false);
  expect(read(said("Hi", "stop")).isFinished).toBe(true);
  expect(read(said("Hi", "stop"), said(" there")).isFinished).toBe(false);
});

test("a strange chunk explains an answer that never comes", () => {
  expect(readToEnd({ detail: "Out of memory" }).join()).toContain("Out of memory");
});

test("a failure comes after what has been read", () => {
  const completion = read(said("Hi"));
  failCompletion(completion, new ProxyError("upstream", "Broken"));
  expect(factsOf(completion)).toEqual(["Hi", "Broken"]);
  expect(completion.isOver).toBe(true);
});
