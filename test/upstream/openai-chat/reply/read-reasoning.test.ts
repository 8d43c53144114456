import { describe, expect, test } from "bun:test";
import { changeQuirks, type Quirks } from "../../../../src/catalog/quirks.ts";
import type { ReplyEvent } from "../../../../src/reply.ts";
import { ReasoningReader } from "../../../../src/upstream/openai-chat/reply/read-reasoning.ts";
import { nameOrigin, unpackCarrier } from "../../../../src/upstream/reasoning/pack-carrier.ts";
import { planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

type Replay = Quirks["reasoning"]["replay"];

function open(replay: Replay, changes: { showReasoning?: "signature"; fallbackModels?: string[] } = {}) {
  const plan = planFor(ask({ model: "claude/a/main" }), { backend: "openrouter", model: "a/main" });
  return new ReasoningReader({
    ...plan,
    ...changes,
    quirks: changeQuirks(plan.quirks, { reasoning: { replay } }),
  });
}
const originOf = (model: string) => nameOrigin(model, planFor(ask()).backend);
const carried = (events: readonly ReplyEvent[]) =>
  events.map((event) => (event.type === "thinking-carrier" ? unpackCarrier(event.carrier) : event.type));

describe("the text", () => {
  const details = [
    { type: "reasoning.summary", summary: "a" },
    { type: "reasoning.text", text: "b" },
  ];

  test.each<[string, object, string]>([
    ["reasoning", { reasoning: "a" }, "a"],
    ["reasoning_content", { reasoning_content: "a" }, "a"],
    ["LiteLLM's blocks", { thinking_blocks: [{ type: "thinking", thinking: "a", signature: "b" }] }, "a"],
    ["other names", { reasoningContent: "a" }, "a"],
    ["no signature", { thought_signature: "a", reasoning_signature: "b" }, ""],
    ["reasoning_text", { reasoning_text: "a" }, "a"],
    ["details alone", { reasoning_details: details }, "ab"],
    ["two fields at once", { reasoning: "ab", reasoning_content: "ab", reasoning_details: details }, "ab"],
    ["no reasoning", { content: "a", reasoning: null }, ""],
  ])("is found in %s", (_, delta, text) => {
    expect(open("reasoning").read({ ...delta })).toBe(text);
  });

  test("that repeats everything so far gives only what is new", () => {
    const reader = open("reasoning");
    const texts = ["I think it", "I think it is so", "I think it is so."];
    expect(texts.map((reasoning) => reader.read({ reasoning }))).toEqual(["I think it", " is so", "."]);
  });
});

describe("what goes back on the next turn", () => {
  test("is nothing, where text is all there is and the client sees it", () => {
    const reader = open("reasoning");
    reader.noteText("Hm");
    expect(reader.close()).toEqual([]);
  });

  test("is the text, where the client does not see it and the backend wants it", () => {
    const reader = open("reasoning", { showReasoning: "signature" });
    reader.noteText("Hm");
    expect(carried(reader.close())).toEqual([
      { form: "text", origin: originOf("a/main"), items: [{ text: "Hm" }] },
    ]);
    expect(reader.close()).toEqual([]);
    const unwanted = open("none", { showReasoning: "signature" });
    unwanted.noteText("Hm");
    expect(unwanted.close()).toEqual([]);
  });

  test("are the details, merged, where the backend takes them", () => {
    const pieces = ["Need ", "file."].map((text) => ({
      reasoning_details: [{ type: "reasoning.text", index: 0, text }],
    }));
    const reader = open("reasoning_details");
    for (const piece of pieces) reader.read(piece);
    expect(carried(reader.close())).toEqual([
      {
        form: "reasoning_details",
        origin: originOf("a/main"),
        items: [{ type: "reasoning.text", index: 0, text: "Need file." }],
      },
    ]);
    const other = open("reasoning");
    for (const piece of pieces) other.read(piece);
    expect(other.close()).toEqual([]);
  });

  test("is the signature of a call", () => {
    const call = { extra_content: { google: { thought_signature: "SIG" } } };
    expect(carried(open("thought-signature").readCall(call))).toEqual([
      { form: "thought-signature", origin: originOf("a/main"), items: [{ signature: "SIG" }] },
    ]);
    expect(open("thought-signature").readCall({ extra_content: "x" })).toEqual([]);
    expect(open("reasoning").readCall(call)).toEqual([]);
  });
});

describe("the model that signs", () => {
  const signedBy = (name: unknown, fallbackModels: string[]) => {
    const reader = open("reasoning", { showReasoning: "signature", fallbackModels });
    reader.readModel(name);
    reader.noteText("Hm");
    return carried(reader.close()).map((carrier) => (typeof carrier === "object" ? carrier.origin : carrier));
  };

  test("is the fallback that answered, whose name may have a date", () => {
    expect(signedBy("a/other-mini-2026-08-01", ["a/other", "a/other-mini"])).toEqual([
      originOf("a/other-mini"),
    ]);
  });

  test("is the one that was asked, if another name comes or there is no fallback", () => {
    expect(signedBy("b/unknown", ["a/other"])).toEqual([originOf("a/main")]);
    expect(signedBy(5, ["a/other"])).toEqual([originOf("a/main")]);
    expect(signedBy("a/other", [])).toEqual([originOf("a/main")]);
  });
});
