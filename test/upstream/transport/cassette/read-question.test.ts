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

  test.each([
    ["date", "It is 2026-01-02", "It is 2031-12-31T10:11:12.5Z"],
    ["time", "at 10:11:12", "at 22:00:01.250"],
    ["day", "today, Mon Nov 23 03:12:51 UTC 2026", "today, Tue Dec  1 10:00:00 PM CET 2027"],
    ["day in words", "It is Monday, November 23, 2026", "It is Sunday, 2 May 2027"],
    ["date of a mail", "Mon, 23 Nov 2026 03:12:51 +0000", "1 Jan 2027 10:12:51 -0100"],
    ["duration", "ran 3 tests in 0.34s", "ran 3 tests in 12 ms"],
    ["duration of `time`", "real\t0m0.123s", "real\t1m10.5s"],
    ["port", "listens on http://127.0.0.1:43121/", "listens on http://127.0.0.1:8080/"],
    ["commit", "[main 3f2a1bc] fix", "[main 99a0b1c2d] fix"],
    [
      "checkout",
      "total 12\ndrwxr-xr-x 2 root root 4096 Nov 23 03:12 .\n-rw-r--r-- 1 root root    9 Nov 23 03:12 a.txt",
      "total 8\ndrwxrwxr-x+ 11 me staff 80 Jan  1  2025 .\n-rw-rw-r-- 1 me staff 9 Feb  2 13:12 a.txt",
    ],
    ["UUID", "a 0b5e2f1c-9d1e-4c1b-8f7a-0123456789ab", "a 99999999-9999-4999-8999-999999999999"],
    ["key", "use sk-or-abcdef123456", "use sk-or-zyxwvu654321"],
  ])("with another %s", (_, one, other) => {
    expect(name({ ...base, messages: [user(one)] })).toBe(name({ ...base, messages: [user(other)] }));
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
