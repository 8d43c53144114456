import { describe, expect, test } from "bun:test";
import { nameQuestion, readQuestion } from "../../../../src/upstream/transport/cassette/read-question.ts";

const url = "https://backend.example/v1/chat/completions";

function name(body: object, at = url): string {
  return nameQuestion(readQuestion({ method: "POST", url: at, body: JSON.stringify(body), ...unused }));
}
const unused = { headers: {}, silenceMs: 0, signal: new AbortController().signal };

const user = (content: unknown) => ({ role: "user", content });
const base = { model: "m", messages: [user("Fix the test")] };

describe("the same question", () => {
  test.each([
    ["another system prompt", { ...base, messages: [{ role: "system", content: "v2" }, ...base.messages] }],
    ["other parameters", { ...base, temperature: 1, max_tokens: 5, tools: [{ type: "function" }] }],
    [
      "another reminder",
      { ...base, messages: [user("<system-reminder>\nnow</system-reminder>Fix the test")] },
    ],
    [
      "a reminder as a message of its own",
      { ...base, messages: [user("<system-reminder>now</system-reminder>"), ...base.messages] },
    ],
    ["the same in parts", { ...base, messages: [user([{ type: "text", text: "Fix the test" }])] }],
  ])("with %s", (_, body) => {
    expect(name(body)).toBe(name(base));
  });

  test("with other tool-call ids, at another host", () => {
    const turn = (id: string) => ({
      ...base,
      messages: [
        ...base.messages,
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id, function: { name: "Read", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: id, content: "ok" },
      ],
    });
    const elsewhere = "http://127.0.0.1:9/openai/chat/completions?api-version=1";
    expect(name(turn("call_1"))).toBe(name(turn("call_2"), elsewhere));
  });
});

describe("another question", () => {
  test.each([
    ["model", { ...base, model: "n" }],
    ["wording", { ...base, messages: [user("Fix the tests")] }],
    ["number", { ...base, messages: [user("Fix the test 12345678")] }],
    ["turn", { ...base, messages: [...base.messages, { role: "assistant", content: "Done" }] }],
    ["speaker", { ...base, messages: [{ role: "assistant", content: "Fix the test" }] }],
    ["image", { ...base, messages: [user([{ type: "image_url", image_url: { url: "data:a" } }])] }],
    [
      "call",
      {
        ...base,
        messages: [
          { role: "assistant", content: null, tool_calls: [{ function: { name: "Read", arguments: "{}" } }] },
        ],
      },
    ],
  ])("with another %s", (_, body) => {
    expect(name(body)).not.toBe(name(base));
  });

  test("a list of models is not a conversation", () => {
    const models = readQuestion({ method: "GET", url: "https://backend.example/v1/models", ...unused });
    expect(models).toEqual({ method: "GET", endpoint: "models", model: "", conversation: [] });
  });
});
