import { describe, expect, test } from "bun:test";
import type { ReplyEvent } from "../../../../src/reply.ts";
import { unpackItems } from "../../../../src/upstream/openai-responses/carry-items.ts";
import {
  addThinking,
  beginItem,
  beginResponse,
  endItem,
  endResponse,
  findItem,
} from "../../../../src/upstream/openai-responses/reply/read-items.ts";
import { responsesPlan, writtenResponses } from "../../../support/responses-requests.ts";

const plan = responsesPlan({ thinking: { type: "adaptive" } });
const begin = () => beginResponse(plan, writtenResponses({}));
const message = (text: string, more: object = {}) => ({
  type: "message",
  content: [{ type: "output_text", text }],
  ...more,
});
const reasoning = (id: string) => ({ type: "reasoning", id, summary: [], encrypted_content: `g${id}` });
const call = (call_id: string, more: object = {}) => ({
  type: "function_call",
  call_id,
  name: "Read",
  arguments: "{}",
  ...more,
});

const at = (index: number) => ({ index, id: "" });

/** Facts in few words; carriers as what they carry. */
function brief(facts: readonly ReplyEvent[]): string[] {
  return facts.map((fact) => {
    if (fact.type === "text-delta" || fact.type === "thinking-delta") return `${fact.type}: ${fact.text}`;
    if (fact.type !== "thinking-carrier") return fact.type;
    const carried = unpackItems({ type: "thinking", thinking: "", signature: fact.carrier }, plan);
    return `carrier: ${[...(carried?.reasoning ?? []).map(({ id }) => id), carried?.phase ?? ""].join(" ").trim()}`;
  });
}

function readOutput(...output: object[]): string[] {
  const answer = begin();
  endResponse(answer, output);
  return brief(answer.facts);
}

describe("reasoning", () => {
  test("is carried before what it led to", () => {
    expect(readOutput(reasoning("rs_1"), reasoning("rs_2"), call("c"), call("d"))).toEqual([
      "carrier: rs_1 rs_2",
      "tool-start",
      "tool-delta",
      "tool-end",
      "tool-start",
      "tool-delta",
      "tool-end",
    ]);
  });

  test("goes with the phase of the message after it", () => {
    expect(readOutput(reasoning("rs_1"), message("Hi", { phase: "commentary" }), reasoning("rs_2"))).toEqual([
      "carrier: rs_1 commentary",
      "text-delta: Hi",
      "carrier: rs_2",
    ]);
  });

  test("is not made up for a phase alone, unless the client expects thinking", () => {
    const final = message("Hi", { phase: "final_answer" });
    expect(readOutput(final)).toEqual(["carrier: final_answer", "text-delta: Hi"]);
    const answer = beginResponse(responsesPlan({}), writtenResponses({}));
    endResponse(answer, [final]);
    expect(brief(answer.facts)).toEqual(["text-delta: Hi"]);
  });

  test("is read as its summary or as its own words, whichever comes first", () => {
    const answer = begin();
    const item = beginItem(answer, at(0), { type: "reasoning" });
    addThinking(answer, item, "content", "Look");
    addThinking(answer, item, "summary", "A look", 0);
    endItem(answer, item, {
      ...reasoning("rs_1"),
      summary: [{ text: "A look" }],
      content: [{ text: "Look here" }],
    });
    expect(brief(answer.facts)).toEqual(["thinking-delta: Look", "thinking-delta:  here"]);
  });

  test("has its paragraphs apart", () => {
    const answer = begin();
    for (const [place, parts] of [["a", "b"], ["c"]].entries()) {
      const item = beginItem(answer, at(place), { type: "reasoning" });
      for (const [part, text] of parts.entries()) addThinking(answer, item, "summary", text, part);
      endItem(answer, item, { ...reasoning(`rs_${place}`), summary: parts.map((text) => ({ text })) });
    }
    expect(brief(answer.facts).join("").replaceAll("thinking-delta: ", "")).toBe("a\n\nb\n\nc");
  });
});

test("reasoning that is ended only with the answer is carried as late", () => {
  const answer = begin();
  beginItem(answer, at(0), { type: "reasoning", id: "rs_1" });
  beginItem(answer, at(1), call("call_1"));
  endResponse(answer, [reasoning("rs_1"), call("call_1")]);
  const [carrier] = answer.facts.flatMap((fact) => (fact.type === "thinking-carrier" ? [fact.carrier] : []));
  const block = { type: "redacted_thinking" as const, data: carrier ?? "" };
  expect(unpackItems(block, plan)).toMatchObject({ reasoning: [{ id: "rs_1" }], isLate: true });
});

test("an answer of endless items is a failure", () => {
  const answer = begin();
  expect(() => {
    for (let place = 0; place <= 5000; place += 1) beginItem(answer, at(place), { type: "message" });
  }).toThrow("more than 5000 items");
});

describe("messages", () => {
  test("with nothing between them are apart", () => {
    expect(readOutput(message("One"), message("Two"))).toEqual(["text-delta: One", "text-delta: \n\nTwo"]);
  });

  test("that are empty say nothing", () => {
    expect(readOutput(message(""), message("Two"))).toEqual(["text-delta: Two"]);
  });

  test("may contain reasoning in tags, from a server that leaves it there", () => {
    const tagged = {
      ...plan,
      quirks: { ...plan.quirks, reasoning: { ...plan.quirks.reasoning, thinkTags: true } },
    };
    const answer = beginResponse(tagged, writtenResponses({}));
    endResponse(answer, [message("<think>Hm</think>Yes")]);
    expect(brief(answer.facts)).toEqual(["thinking-delta: Hm", "text-delta: Yes"]);
  });
});

describe("calls", () => {
  test("wait for their name", () => {
    const answer = begin();
    const item = findItem(answer, at(0), "function_call");
    expect(answer.facts).toEqual([]);
    endItem(answer, item, call("call_1", { arguments: '{"a":1}' }));
    expect(answer.facts).toEqual([
      { type: "tool-start", lane: 0, id: "call_1", name: "Read" },
      { type: "tool-delta", lane: 0, json: '{"a":1}' },
      { type: "tool-end", lane: 0 },
    ]);
  });

  test("with the same name and arguments are two if their ids differ", () => {
    expect(readOutput(call("c"), call("d")).filter((fact) => fact === "tool-start")).toHaveLength(2);
  });

  test("that were never ended are ended with the answer", () => {
    const answer = begin();
    beginItem(answer, at(0), call("c", { arguments: "" }));
    endResponse(answer, []);
    expect(brief(answer.facts)).toEqual(["tool-start", "tool-end"]);
  });
});

test("a message may be a single text without parts", () => {
  expect(readOutput({ type: "message", content: "Hi" })).toEqual(["text-delta: Hi"]);
});

test("items of unknown kinds are left alone", () => {
  expect(readOutput({ type: "image_generation_call" }, message("Hi"))).toEqual(["text-delta: Hi"]);
});
