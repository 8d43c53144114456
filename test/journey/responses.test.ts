/** Whole exchanges with a backend that is asked at `/responses`. */
import { afterEach, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { z } from "zod";
import type { JsonObject } from "../../src/lib/json.ts";
import { json, respond, type Script, status, text, upstreamKey } from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";
import {
  callItem,
  type FakeItem,
  type FakeResponse,
  messageItem,
  reasoningItem,
} from "../support/responses-replies.ts";
import { withoutIds } from "../support/web-search.ts";

let proxy: TestProxy | undefined;
afterEach(() => proxy?.close());

type Start = { readonly model?: string; readonly speaks?: readonly ("chat" | "responses")[] };

async function start(
  script: Script,
  { model = "gpt-5.4", speaks = ["responses"] }: Start = {},
): Promise<TestProxy> {
  proxy = await startProxy(script, {
    config: { backend: { name: "openai" }, models: { big: model } },
    upstream: { speaks },
  });
  return proxy;
}

const tools = ["Read", "Write"].map((name) => ({ name, input_schema: { type: "object" } }));
const thinking = { type: "adaptive" };
const wish = { max_tokens: 2000, thinking, tools };

const message = z.looseObject({
  content: z.array(z.looseObject({ type: z.string() })),
  stop_reason: z.string().nullable(),
  usage: z.looseObject({}),
});

/** The message, which must be the same with and without a stream. */
async function converse(at: TestProxy, body: object) {
  const streamed = foldMessage(checkStream(await (await at.post(ask({ ...body, stream: true }))).text()));
  const response = await at.post(ask({ ...body }));
  const whole = message.parse(await response.json());
  expect(response.status).toBe(200);
  expect(withoutIds(whole).content).toEqual(withoutIds(streamed).content);
  expect(whole.stop_reason).toBe(streamed.stop_reason);
  return whole;
}

const bodiesOf = (at: TestProxy) =>
  at.upstream.requests
    .filter(({ method }) => method === "POST")
    .map(({ body, path, refused }) => ({ path, refused, body: z.looseObject({}).parse(body) }));
const lastBody = (at: TestProxy) => bodiesOf(at).at(-1)?.body ?? {};
const inputOf = (body: JsonObject) => z.array(z.looseObject({ type: z.string() })).parse(body.input);

const turn: readonly FakeItem[] = [
  reasoningItem("rs_1", "**Look**", "then decide"),
  { ...messageItem("I look at both."), phase: "commentary" },
  reasoningItem("rs_2"),
  callItem("call_first", "Read", { path: "a" }),
  callItem("call_second", "Read", { path: "b" }),
];

describe("a turn with tools", () => {
  test("is streamed as thinking, text and parallel calls, and goes back item by item", async () => {
    const at = await start(respond({ items: turn, mixed: true, pieces: 3 }));
    const first = await converse(at, wish);
    expect(first.stop_reason).toBe("tool_use");
    expect(first.content.map(({ type }) => type)).toEqual([
      "thinking",
      "text",
      "redacted_thinking",
      "tool_use",
      "tool_use",
    ]);
    expect(first.content[0]).toMatchObject({ thinking: "**Look**\n\nthen decide" });
    expect(first.content.slice(3)).toMatchObject([
      { id: "call_first", name: "Read", input: { path: "a" } },
      { id: "call_second", name: "Read", input: { path: "b" } },
    ]);
    at.upstream.follow(respond([messageItem("Done")]));
    const results = ["call_second", "call_first"].map((id) => ({
      type: "tool_result",
      tool_use_id: id,
      content: id,
    }));
    const messages = [
      { role: "user", content: "Look" },
      { role: "assistant", content: first.content },
      { role: "user", content: results },
    ];
    expect((await converse(at, { ...wish, messages })).content).toMatchObject([{ text: "Done" }]);
    const body = lastBody(at);
    expect(body).toMatchObject({
      model: "gpt-5.4",
      store: false,
      include: ["reasoning.encrypted_content"],
      reasoning: { summary: "auto" },
    });
    expect(inputOf(body)).toMatchObject([
      { type: "message", role: "user", content: "Look" },
      { type: "reasoning", id: "rs_1", summary: [{ text: "**Look**" }, { text: "then decide" }] },
      { type: "message", role: "assistant", content: "I look at both.", phase: "commentary" },
      { type: "reasoning", id: "rs_2", summary: [] },
      { type: "function_call", call_id: "call_first", arguments: '{"path":"a"}' },
      { type: "function_call", call_id: "call_second" },
      { type: "function_call_output", call_id: "call_first", output: "call_first" },
      { type: "function_call_output", call_id: "call_second", output: "call_second" },
    ]);
    expect(bodiesOf(at).every(({ refused }) => refused === undefined)).toBe(true);
  });

  test("loses the reasoning that another account sealed, once, and stays usable", async () => {
    const at = await start(respond({ items: turn, model: "gpt-other" }));
    const { content } = await converse(at, wish);
    at.upstream.follow(respond([messageItem("Done")]));
    const results = ["call_first", "call_second"].map((id) => ({
      type: "tool_result",
      tool_use_id: id,
      content: id,
    }));
    const messages = [
      { role: "user", content: "Look" },
      { role: "assistant", content },
      { role: "user", content: results },
    ];
    const before = bodiesOf(at).length;
    await converse(at, { ...wish, messages });
    const after = bodiesOf(at).slice(before);
    expect(after.map(({ refused }) => refused === undefined)).toEqual([false, true, true]);
    expect(inputOf(lastBody(at)).some(({ type }) => type === "reasoning")).toBe(false);
    expect(at.log.join("\n")).toContain("reasoning of earlier turns became nothing, where it was refused");
  });
});

describe("the protocol", () => {
  const refuse = (message: string, code: string | null = null, statusCode = 400) =>
    status(statusCode, { error: { message, type: "invalid_request_error", param: null, code } });
  const both: Start["speaks"] = ["chat", "responses"];
  const pathsOf = (at: TestProxy) => bodiesOf(at).map(({ path }) => path.replace("/v1/", ""));

  test.each<[name: string, model: string, path: string]>([
    ["a model that reasons beside tools only there", "gpt-5.4", "responses"],
    ["one that takes tools only there", "gpt-6-astra", "responses"],
    ["a codex model", "gpt-5.1-codex-max", "responses"],
    ["a pro model", "gpt-5-pro", "responses"],
    ["an older model", "gpt-4.1", "chat/completions"],
    ["a chat model", "gpt-5.4-chat-latest", "chat/completions"],
  ])("is the one for %s", async (_, model, path) => {
    const answer = respond([messageItem("Hello")]);
    const at = await start((request) => (request.path.endsWith("/responses") ? answer : text("Hello")), {
      model,
      speaks: both,
    });
    await converse(at, { tools });
    expect(new Set(pathsOf(at))).toEqual(new Set([path]));
  });

  test.each<[string, ReturnType<typeof refuse>]>([
    [
      "a model that takes no tools there",
      refuse(
        "Function tools with reasoning_effort are not supported for gpt-9 in /v1/chat/completions. Please use /v1/responses instead.",
      ),
    ],
    [
      "Copilot",
      refuse(
        'model "gpt-9" is not accessible via the /chat/completions endpoint',
        "unsupported_api_for_model",
      ),
    ],
    [
      "a model that is only there",
      refuse("This model is only supported in v1/responses and not in v1/chat/completions.", null, 404),
    ],
    [
      "no chat model",
      refuse(
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
        null,
        404,
      ),
    ],
  ])("changes when the backend says so, and that is remembered: %s", async (_, refusal) => {
    const answer = respond([messageItem("Hello")]);
    proxy = await startProxy((request) => (request.path.endsWith("/responses") ? answer : refusal), {
      config: { models: { big: "gpt-5.9" } },
      upstream: { speaks: both },
    });
    expect(await proxy.say({ tools })).toBe("Hello");
    expect(await proxy.say({ tools })).toBe("Hello");
    expect(pathsOf(proxy)).toEqual(["chat/completions", "responses", "responses"]);
    expect(proxy.log.join("\n")).toContain("asked by the protocol responses, not chat");
  });

  test("is chat again at a server that has no other", async () => {
    const at = await start(text("Hello"), { speaks: ["chat"] });
    await converse(at, {});
    expect(pathsOf(at)).toEqual(["responses", "chat/completions", "chat/completions"]);
  });

  test("that was recommended and does not exist costs one request; the refusal is answered in another way", async () => {
    proxy = await startProxy(
      ({ body }) =>
        z.looseObject({}).parse(body).reasoning_effort === "none"
          ? text("Hello")
          : refuse(
              "Function tools with reasoning_effort are not supported. Please use /v1/responses instead.",
            ),
      { config: { models: { big: "some-model" } }, upstream: { speaks: ["chat"] } },
    );
    expect(await proxy.say({ tools, thinking, output_config: { effort: "high" } })).toBe("Hello");
    expect(await proxy.say({ tools, thinking, output_config: { effort: "high" } })).toBe("Hello");
    expect(pathsOf(proxy)).toEqual([
      "chat/completions",
      "responses",
      "chat/completions",
      "chat/completions",
      "chat/completions",
    ]);
  });

  test("that the operator chooses is not changed", async () => {
    proxy = await startProxy(
      refuse("Please use /v1/responses instead. This model is not supported in /v1/chat/completions."),
      {
        config: { backend: { protocol: "chat" } },
        upstream: { speaks: both },
      },
    );
    expect((await proxy.post(ask())).status).toBe(400);
    expect(pathsOf(proxy)).toEqual(["chat/completions"]);
  });

  test("of a server that answers every path with chat completions is found out", async () => {
    const at = await start(() => text("Hello"), { speaks: both });
    expect((await converse(at, {})).content).toMatchObject([{ text: "Hello" }]);
    expect(pathsOf(at)).toEqual(["responses", "chat/completions", "chat/completions"]);
  });
});

describe("a session that changes its backend's protocol", () => {
  const results = ["call_first", "call_second"].map((id) => ({
    type: "tool_result",
    tool_use_id: id,
    content: id,
  }));
  const go = (content: readonly unknown[]) => ({
    ...wish,
    messages: [
      { role: "user", content: "Look" },
      { role: "assistant", content },
      { role: "user", content: results },
    ],
  });

  test("to chat completions keeps the words of its reasoning, and what was sealed stays behind", async () => {
    const at = await start(respond({ items: turn }));
    const { content } = await converse(at, wish);
    await at.close();
    proxy = await startProxy(text("Done"), { upstream: { extensions: ["reasoning_content"] } });
    expect((await converse(proxy, go(content))).content).toMatchObject([{ text: "Done" }]);
    const sent = JSON.stringify(lastBody(proxy));
    expect(sent).toContain("**Look**\\n\\nthen decide");
    expect(sent).not.toMatch(/encrypted_content|ccp1|commentary/);
    expect(bodiesOf(proxy).every(({ refused }) => refused === undefined)).toBe(true);
  });

  test("from chat completions keeps its calls and texts", async () => {
    const calls = ["call_first", "call_second"].map((id) => ({
      type: "tool_use",
      id,
      name: "Read",
      input: {},
    }));
    const at = await start(respond([messageItem("Done")]));
    await converse(at, go([{ type: "thinking", thinking: "Hm", signature: "ccp1." }, ...calls]));
    expect(inputOf(lastBody(at)).map(({ type }) => type)).toEqual([
      "message",
      "function_call",
      "function_call",
      "function_call_output",
      "function_call_output",
    ]);
  });
});

describe("an answer", () => {
  test.each<[name: string, answer: FakeResponse, expected: object]>([
    [
      "that was cut",
      { items: [messageItem("Hel")], incomplete: "max_output_tokens" },
      { stop_reason: "max_tokens" },
    ],
    [
      "that was filtered",
      { items: [messageItem("Hel")], incomplete: "content_filter" },
      { stop_reason: "refusal" },
    ],
    [
      "that refuses",
      { items: [{ type: "refusal", text: "I cannot help with that." }] },
      { stop_reason: "refusal", content: [{ type: "text", text: "I cannot help with that." }] },
    ],
    [
      "with its usage",
      { items: [messageItem("Hi")], usage: { input: 100, cached: 60, output: 30, reasoning: 20 } },
      { usage: { input_tokens: 40, cache_read_input_tokens: 60, output_tokens: 30 } },
    ],
  ])("%s", async (_, answer, expected) => {
    const at = await start(respond(answer));
    expect(await converse(at, { max_tokens: 2000 })).toMatchObject(expected);
  });

  test("ends at a stop sequence, which there is no field for", async () => {
    const at = await start(respond([messageItem("One, two, three")]));
    const stopped = await converse(at, { stop_sequences: [", th"] });
    expect(stopped).toMatchObject({ stop_reason: "stop_sequence", content: [{ text: "One, two" }] });
    expect(lastBody(at)).not.toHaveProperty("stop");
  });

  test("that fails in its middle ends in an error event", async () => {
    const failed = [
      {
        type: "response.output_text.delta",
        output_index: 0,
        item_id: "msg_0",
        content_index: 0,
        delta: "Hel",
      },
      {
        type: "response.failed",
        response: { status: "failed", error: { code: "server_error", message: "The model crashed" } },
      },
    ];
    const events = failed.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
    const at = await start(status(200, events, { "content-type": "text/event-stream" }));
    const streamed = await (await at.post(ask({ stream: true }))).text();
    expect(streamed).toContain("Hel");
    expect(streamed).toMatch(/event: error\n.*The model crashed/);
  });

  test.each([
    ["status", status(400, overflow())],
    [
      "event",
      status(200, `data: ${JSON.stringify({ type: "error", ...overflow().error })}\n\n`, {
        "content-type": "text/event-stream",
      }),
    ],
  ])("a prompt that is too long, told by %s, makes clients compact", async (_, reply) => {
    const at = await start(reply);
    const response = await at.post(ask({ stream: true }));
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/prompt is too long/);
  });

  test("carries the limits of its headers", async () => {
    const at = await start(
      json(
        {
          output: [{ type: "message", content: [{ type: "output_text", text: "Hi" }] }],
          status: "completed",
        },
        200,
        {
          "x-ratelimit-remaining-requests": "7",
        },
      ),
    );
    const response = await at.post(ask());
    expect(response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("7");
  });
});

function overflow() {
  return {
    error: {
      code: "context_length_exceeded",
      message: "Your input exceeds the context window of this model. Please adjust your input and try again.",
      param: "input",
    },
  };
}

test("a web search stands beside other tools, with its pages and citations", async () => {
  const page = { url: "https://bun.example/blog", title: "Bun 1.4" };
  const at = await start(
    respond([
      { type: "search", query: "bun 1.4", sources: [page.url, "https://other.example/x"] },
      { type: "message", text: "It came out in May.", cites: [page] },
      callItem("call_first", "Read", {}),
    ]),
  );
  const answer = await converse(at, {
    ...wish,
    tools: [
      ...tools,
      {
        type: "web_search_20250305",
        name: "web_search",
        max_uses: 3,
        allowed_domains: ["bun.example", "https://*.other.example/docs"],
        blocked_domains: ["bad.example"],
        user_location: { type: "approximate", country: "FR" },
      },
    ],
  });
  expect(answer.content.map(({ type }) => type)).toEqual([
    "server_tool_use",
    "web_search_tool_result",
    "text",
    "tool_use",
  ]);
  expect(answer.content[0]).toMatchObject({ name: "web_search", input: { query: "bun 1.4" } });
  expect(answer.content[1]).toMatchObject({ content: [{ url: page.url }] });
  expect(answer.content[2]).toMatchObject({ citations: [{ url: page.url, title: page.title }] });
  expect(lastBody(at)).toMatchObject({
    include: ["reasoning.encrypted_content", "web_search_call.action.sources"],
    max_tool_calls: 3,
    tools: [
      { type: "function", name: "Read", strict: false },
      { type: "function", name: "Write", strict: false },
      {
        type: "web_search",
        filters: { allowed_domains: ["bun.example", "other.example"] },
        user_location: { type: "approximate", country: "FR" },
      },
    ],
  });
});

test("OpenAI's own client, with the body that was sent, gets the same answer from the backend", async () => {
  const at = await start(respond({ items: turn, mixed: true }));
  const { content } = await converse(at, wish);
  const client = new OpenAI({ apiKey: upstreamKey, baseURL: at.upstream.url, maxRetries: 0 });
  const { stream: _, ...body } = lastBody(at);
  const stream = client.responses.stream(JSON.parse(JSON.stringify(body)));
  const { output, output_text } = await stream.finalResponse();
  const said = content.flatMap((block) => (block.type === "text" ? [block.text] : []));
  expect(said.join("")).toBe(output_text);
  const calls = output.flatMap((item) =>
    item.type === "function_call" ? [[item.call_id, item.name, JSON.parse(item.arguments)]] : [],
  );
  expect(content.flatMap((one) => (one.type === "tool_use" ? [[one.id, one.name, one.input]] : []))).toEqual(
    calls,
  );
});
