/** Reasoning travels to the client and back: between two turns the whole server is replaced. */
import { expect, test } from "bun:test";
import Sdk from "@anthropic-ai/sdk";
import type { BackendName } from "../../src/catalog/backends/known-backends.ts";
import { chunks, type FakeReply, text } from "../support/fake-upstream.ts";
import { startProxy } from "../support/proxy.ts";

const delta = (delta: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta, finish_reason }],
});
const call = (more: object = {}) => ({
  tool_calls: [
    {
      index: 0,
      id: "call_0123456789",
      type: "function",
      function: { name: "Read", arguments: "{}" },
      ...more,
    },
  ],
});
const tools: Sdk.Tool[] = [{ name: "Read", input_schema: { type: "object" } }];
const question: Sdk.MessageParam = { role: "user", content: "Read it" };

/** Asks, takes the answer to a second server in front of a second backend, and returns what that one is sent. */
async function twoTurns(backend: BackendName, reply: FakeReply): Promise<unknown> {
  const extensions = [
    "reasoning",
    "reasoning_details",
    "reasoning_content",
    "extra_content",
    "session_id",
    "thinking",
  ];
  const start = (reply: FakeReply) =>
    startProxy(reply, { config: { backend: { name: backend } }, upstream: { extensions } });
  const params = { model: "claude/vendor/model", max_tokens: 100, tools };
  const connect = (baseURL: string) => new Sdk({ baseURL, apiKey: "any", maxRetries: 0 });

  const before = await start(reply);
  const answer = await connect(before.url)
    .messages.stream({ ...params, messages: [question] })
    .finalMessage();
  await before.close();

  const after = await start(text("Done"));
  const results = answer.content.flatMap((block): Sdk.ToolResultBlockParam[] =>
    block.type === "tool_use" ? [{ type: "tool_result", tool_use_id: block.id, content: "ok" }] : [],
  );
  const history: Sdk.MessageParam[] = [
    question,
    { role: "assistant", content: answer.content },
    { role: "user", content: results },
  ];
  await connect(after.url).messages.create({ ...params, messages: history });
  const { body } = after.upstream.lastChat();
  await after.close();
  return body;
}

const sealed = {
  type: "reasoning.encrypted",
  id: "rs_1",
  data: "SEALED",
  format: "openai-responses-v1",
  index: 1,
};
const told = {
  type: "reasoning.text",
  text: "Look first.",
  signature: "SIG",
  format: "anthropic-claude-v1",
  index: 0,
};

test("reasoning details, plain and encrypted, go back through another server", async () => {
  const reply = chunks([
    delta({ reasoning: "Look ", reasoning_details: [{ ...told, text: "Look ", signature: null }] }),
    delta({ reasoning: "first.", reasoning_details: [{ ...told, text: "first." }] }),
    delta({ reasoning_details: [sealed] }),
    delta(call()),
    delta({}, "tool_calls"),
  ]);
  expect(await twoTurns("openrouter", reply)).toMatchObject({
    messages: [{}, { reasoning_details: [told, sealed] }, { role: "tool" }],
  });
});

test("a call's signature goes back through another server", async () => {
  const extra_content = { google: { thought_signature: "SIG" } };
  const reply = chunks([delta(call({ extra_content })), delta({}, "stop")]);
  expect(await twoTurns("gemini", reply)).toMatchObject({
    messages: [{}, { tool_calls: [{ extra_content }] }, {}],
  });
});

test("reasoning text goes back through another server", async () => {
  const reply = chunks([delta({ reasoning_content: "Look first." }), delta(call()), delta({}, "tool_calls")]);
  expect(await twoTurns("deepseek", reply)).toMatchObject({
    messages: [{}, { reasoning_content: "Look first." }, {}],
  });
});
