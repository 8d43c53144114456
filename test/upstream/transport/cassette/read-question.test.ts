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

describe("at /responses", () => {
  const message = (role: string, content: unknown) => ({ type: "message", role, content });
  const call = (call_id: string) => ({ type: "function_call", call_id, name: "Read", arguments: "{}" });
  const output = (call_id: string, output: unknown) => ({ type: "function_call_output", call_id, output });
  const reasoning = (id: string) => ({ type: "reasoning", id, summary: [], encrypted_content: id });
  const at = "https://backend.example/v1/responses";
  const turn = (id: string, result: unknown = "ok") => ({
    model: "m",
    input: [message("developer", id), message("user", "Fix it"), reasoning(id), call(id), output(id, result)],
  });

  test("ids, sealed reasoning and the system prompt do not count", () => {
    expect(name(turn("a"), at)).toBe(name(turn("b", [{ type: "input_text", text: "ok" }]), at));
  });

  test("calls, outputs and words do", () => {
    const { input } = turn("a");
    const others = [
      turn("a", "no"),
      { model: "m", input: input.slice(0, -1) },
      { model: "m", input: input.slice(0, -2) },
      { model: "m", input: [...input, message("user", "More")] },
    ];
    expect(new Set([turn("a"), ...others].map((body) => name(body, at))).size).toBe(5);
    expect(
      readQuestion({ method: "POST", url: at, body: JSON.stringify(turn("a")), ...unused }).conversation,
    ).toEqual(["user: Fix it", "function_call: Read({})", "function_call_output: ok"]);
  });
});
