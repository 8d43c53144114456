/**
 * Vercel's AI SDK, which accepts no unknown fields in Anthropic's answers, holds conversations through the real
 * server.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { APICallError, generateText, isStepCount, type ModelMessage, Output, streamText, tool } from "ai";
import { z } from "zod";
import {
  contentChunk,
  encodeChunk,
  type FakeReply,
  inOrder,
  raw,
  reasoning,
  status,
  text,
  toolCalls,
} from "../support/fake-upstream.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(text("unused"), { upstream: { extensions: ["reasoning_content"] } });
});
afterAll(() => proxy.close());

const anthropic = () => createAnthropic({ baseURL: `${proxy.url}/v1`, apiKey: "any" });
const model = () => anthropic()("claude-opus-5-5");
const messages: ModelMessage[] = [{ role: "user", content: "Hello" }];
const weather = tool({
  description: "Tells the weather",
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => `Sunny in ${city}`,
});

type Asked = Pick<Parameters<typeof generateText>[0], "messages" | "output" | "providerOptions" | "tools">;

/** What both forms of an answer contain; the backend gives each form the same replies, one per step. */
async function bothWays(replies: readonly FakeReply[], asked: Asked = {}) {
  const options = {
    messages,
    maxRetries: 0,
    stopWhen: isStepCount(replies.length),
    ...asked,
    model: model(),
  };
  proxy.upstream.follow([...replies, ...replies]);
  const plain = await generateText(options);
  const stream = streamText(options);
  const told = (step: { content: readonly object[]; finishReason: string; usage: object }) => ({
    content: withoutIds(step.content),
    finishReason: step.finishReason,
    usage: step.usage,
  });
  const answers = [plain.steps.map(told), (await stream.steps).map(told)] as const;
  expect(answers[1]).toEqual(answers[0]);
  return plain;
}

const callId = /^(?:call_|toolu_)/;

/** Ids are made anew for each answer; only a stream has a part of the SDK's own, which repeats `message_start`. */
function withoutIds(content: readonly object[]): unknown {
  const parts = content.filter((part) => !("type" in part && part.type === "custom"));
  return JSON.parse(JSON.stringify(parts), (key, value) =>
    key === "id" || (typeof value === "string" && callId.test(value)) ? undefined : value,
  );
}

describe("both forms agree", () => {
  test("for text", async () => {
    const { text: said, finishReason, usage } = await bothWays([text("Grüße, 世界 🌍!")]);
    expect([said, finishReason]).toEqual(["Grüße, 世界 🌍!", "stop"]);
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  test("for an answer that was cut off", async () => {
    expect((await bothWays([text("On and on", { finish: "length" })])).finishReason).toBe("length");
  });

  test("for a tool call and its result", async () => {
    const call = toolCalls([{ name: "weather", arguments: { city: "Paris" } }]);
    const answer = await bothWays([inOrder(text("Let me look."), call), text("Sunny.")], {
      tools: { weather },
    });
    expect(answer.text).toBe("Sunny.");
    expect(answer.steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    expect(proxy.upstream.lastChat().body).toMatchObject({
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Let me look.", tool_calls: [{ function: { name: "weather" } }] },
        { role: "tool", content: "Sunny in Paris" },
      ],
    });
  });

  test("for parallel tool calls", async () => {
    const calls = ["Paris", "Lyon"].map((city) => ({ name: "weather", arguments: { city } }));
    const { steps } = await bothWays([toolCalls(calls), text("Sunny.")], { tools: { weather } });
    expect(steps[0]?.toolResults.map(({ output }) => output)).toEqual(["Sunny in Paris", "Sunny in Lyon"]);
  });

  test("for reasoning, which goes back with its signature", async () => {
    const thinking = { anthropic: { thinking: { type: "adaptive" } } };
    const call = toolCalls([{ name: "weather", arguments: { city: "Paris" } }]);
    const answer = await bothWays([inOrder(reasoning("The user greets me."), call), text("Hi!")], {
      tools: { weather },
      providerOptions: thinking,
    });
    expect(answer.steps[0]?.reasoningText).toBe("The user greets me.");
    expect(proxy.upstream.lastChat().body).toMatchObject({
      messages: [{}, { role: "assistant", reasoning_content: "The user greets me." }, {}],
    });
  });

  test("for structured output", async () => {
    const output = Output.object({ schema: z.object({ city: z.string() }) });
    const answer = await bothWays([text('{"city":"Paris"}')], { output });
    expect(answer.output).toEqual({ city: "Paris" });
    expect(JSON.stringify(proxy.upstream.lastChat().body)).toContain('"city"');
  });

  test("for a question with an image", async () => {
    const pixel =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    const answer = await bothWays([text("A pixel.")], {
      messages: [
        {
          role: "user",
          content: [
            { type: "file", data: pixel, mediaType: "image/png" },
            { type: "text", text: "What is this?" },
          ],
        },
      ],
    });
    expect(answer.text).toBe("A pixel.");
    expect(proxy.upstream.lastChat().body).toMatchObject({
      messages: [
        { content: [{ image_url: { url: `data:image/png;base64,${pixel}` } }, { text: "What is this?" }] },
      ],
    });
  });

  test("for Anthropic's own tools", async () => {
    const computer = anthropic().tools.computer_20251124({
      displayWidthPx: 800,
      displayHeightPx: 600,
      enableZoom: true,
      execute: ({ action }) => `did ${action}`,
    });
    const call = toolCalls([{ name: "computer", arguments: { action: "screenshot" } }]);
    const { steps } = await bothWays([call, text("I see.")], { tools: { computer } });
    expect(steps[0]?.toolResults.map(({ output }) => output)).toEqual(["did screenshot"]);
    expect(JSON.stringify(proxy.upstream.lastChat().body)).toContain("800 by 600 pixels");
  });
});

test("members of a toolset are called by their own names, and their results go back to them", async () => {
  const computer = anthropic().tools.computerToolset_20260801({
    configs: { zoom: { enabled: false } },
    execute: ({ action, coordinate }) => `did ${action} at ${coordinate}`,
  });
  const calls = toolCalls([
    { name: "left_click", arguments: { coordinate: [3, 4] } },
    { name: "screenshot", arguments: {} },
  ]);
  const { steps } = await bothWays([calls, text("I see.")], { tools: { computer } });
  expect(steps[0]?.toolResults.map(({ output }) => output)).toEqual([
    "did left_click at 3,4",
    "did screenshot at undefined",
  ]);
  expect(proxy.upstream.lastChat().body).toMatchObject({
    tools: expect.objectContaining({ length: 16 }),
    messages: [
      {},
      {
        tool_calls: [{ function: { name: "left_click" } }, { function: { name: "screenshot" } }],
      },
      { role: "tool", content: "did left_click at 3,4" },
      { role: "tool", content: "did screenshot at undefined" },
    ],
  });
});

describe("errors reach the AI SDK", () => {
  const limit = {
    error: { message: "Slow down, please", type: "requests", param: null, code: "rate_limit_exceeded" },
  };

  test("with their status and message", async () => {
    proxy.upstream.follow(status(429, limit));
    const error: unknown = await generateText({ model: model(), messages, maxRetries: 0 }).catch(
      (thrown) => thrown,
    );
    if (!APICallError.isInstance(error)) throw error;
    expect([error.statusCode, error.isRetryable]).toEqual([429, true]);
    expect(error.message).toContain("Slow down, please");
  });

  test("before a stream starts", async () => {
    proxy.upstream.follow(status(429, limit));
    expect(await errorsOf({ maxRetries: 0 })).toContain("Slow down, please");
  });

  test("in the middle of a stream", async () => {
    const fault = { error: { message: "The engine fell over", type: "server_error", code: 500 } };
    proxy.upstream.follow(
      raw([encodeChunk(contentChunk("Half an ans")), encodeChunk(fault)], { delayMs: 5 }),
    );
    expect(await errorsOf({ maxRetries: 0 })).toContain("The engine fell over");
  });

  async function errorsOf(options: { maxRetries: number }): Promise<string> {
    const errors: unknown[] = [];
    const stream = streamText({
      model: model(),
      messages,
      ...options,
      onError: ({ error }) => void errors.push(error),
    });
    await stream.consumeStream();
    return errors.map((error) => (error instanceof Error ? error.message : JSON.stringify(error))).join("\n");
  }
});
