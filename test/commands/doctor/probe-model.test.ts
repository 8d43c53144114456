import { describe, expect, test } from "bun:test";
import type { Client, Heard } from "../../../src/commands/doctor/ask-proxy.ts";
import { probeLength, probeModel } from "../../../src/commands/doctor/probe-model.ts";

type Answer = (request: string) => Heard;

const message = (text: string, ...types: string[]): Heard => ({
  type: "message",
  content: [{ type: "text", text }, ...types.map((type) => ({ type }))],
  text,
  inputTokens: 1,
  outputTokens: 10,
});

const clientFor = (answer: Answer): Client => ({
  spent: { input: 0, output: 0 },
  ask: async (request) => answer(JSON.stringify(request)),
  time: async (request) => ({ heard: answer(JSON.stringify(request)), firstMs: 100, tookMs: 1100 }),
});

const able: Answer = (request) => {
  if (request.includes('"image"')) return message("Red");
  if (request.includes("json_schema")) return message('{"answer":4}');
  if (request.includes("Paris")) return message("", "tool_use", "tool_use");
  if (request.includes("tool_choice")) return message("", "tool_use");
  if (request.includes('"thinking"')) return message("No", "thinking");
  return message("one two");
};

async function probe(answer: Answer): Promise<string[]> {
  const findings = await probeModel(clientFor(answer), "claude/m", "m");
  return findings.map(({ state, text }) => `${state}: ${text}`);
}

describe("a model", () => {
  test("that can do everything", async () => {
    expect(await probe(able)).toEqual([
      "good: m answers: first token after 100 ms, 10 tokens/s",
      "good: m calls tools, several at once",
      "good: m calls a tool when it must",
      "good: m reasons, and takes its thoughts back on the next turn",
      "good: m sees images",
      "good: m answers in JSON of a given shape",
    ]);
  });

  test("that can only talk", async () => {
    expect(await probe(() => message("Hm"))).toEqual([
      "good: m answers: first token after 100 ms, 10 tokens/s",
      "bad: m answered in words and called no tool",
      "unknown: m called no tool although it had to",
      "good: m takes requests to reason, and shows no thoughts",
      "unknown: m did not see the image; it gets a note in its place",
      "unknown: m did not keep to the shape of its answer",
    ]);
  });

  test("that fails is asked nothing else", async () => {
    expect(await probe(() => ({ type: "error", message: "no credit" }))).toEqual(["bad: m: no credit"]);
    expect(await probe(() => ({ type: "late" }))).toEqual(["bad: m has not answered in time"]);
  });

  test("that fails comes with the one thing to do: the error's own, or that of its type", async () => {
    const advise = async (message: string, errorType?: string) => {
      const failure: Heard = { type: "error", message, ...(errorType !== undefined && { errorType }) };
      const [first] = await probeModel(
        clientFor(() => failure),
        "claude/m",
        "m",
      );
      return `${first?.text} → ${first?.advice}`;
    };
    expect(await advise("No way there; check the server", "api_error")).toBe(
      "m: No way there → check the server",
    );
    expect(await advise("No money", "billing_error")).toStartWith("m: No money → add credit");
    expect(await advise("boom", "api_error")).toEndWith("look at the log of the backend");
    expect(await advise("the answer cannot be read")).toEndWith("look at the log of the backend");
  });

  test("that is late or fails later is not called unable", async () => {
    const then =
      (later: Heard): Answer =>
      (request) =>
        request.includes("Count from") ? message("x") : later;
    expect((await probe(then({ type: "late" }))).slice(1)).toEqual(
      Array(5).fill("unknown: m has not answered in time"),
    );
    expect((await probe(then({ type: "error", message: "no" }))).slice(1)).toEqual(
      Array(5).fill("bad: m: no"),
    );
  });
});

test("a cut prompt is found out", async () => {
  const check = async (heard: Heard) =>
    (
      await probeLength(
        clientFor(() => heard),
        "claude/m",
        "m",
      )
    ).state;
  expect(await check(message("Heron."))).toBe("good");
  expect(await check(message("I do not know"))).toBe("bad");
  expect(await check({ type: "error", message: "prompt is too long: 9000 tokens > 4096 maximum" })).toBe(
    "bad",
  );
  expect(await check({ type: "late" })).toBe("unknown");
});

test("only a prompt that is too long asks for a larger context", async () => {
  const check = (words: string) =>
    probeLength(
      clientFor(() => ({ type: "error", message: words, errorType: "rate_limit_error" })),
      "claude/m",
      "m",
    );
  expect((await check("prompt is too long: 9000 tokens > 4096 maximum")).advice).toContain("larger context");
  expect((await check("Too many requests; wait a minute")).advice).toBe("wait a minute");
});
