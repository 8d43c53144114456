/** Whole exchanges with a backend that takes Anthropic's own format. */
import { afterEach, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import {
  anthropicKey,
  called,
  type FakeAnthropic,
  type NativeScript,
  said,
  startFakeAnthropic,
  thought,
  writeNativeStream,
} from "../support/fake-anthropic.ts";
import {
  type FakeUpstream,
  inOrder,
  reasoning,
  startFakeUpstream,
  status,
  text,
  toolCalls,
  upstreamKey,
} from "../support/fake-upstream.ts";
import { type NativeProxy, startNative } from "../support/native-proxy.ts";
import { ask, readError } from "../support/proxy.ts";

let anthropic: FakeAnthropic | undefined;
let proxy: NativeProxy | undefined;
let other: FakeUpstream | undefined;
afterEach(async () => {
  await anthropic?.close();
  await other?.close();
  await proxy?.close();
  anthropic = proxy = other = undefined;
});

const hello: NativeScript = () => ({ blocks: [said("Hello")] });

async function start(
  script: NativeScript,
  options: Parameters<typeof startNative>[1] = {},
  server: Parameters<typeof startFakeAnthropic>[1] = {},
) {
  anthropic = await startFakeAnthropic(script, server);
  proxy = startNative(anthropic, options);
  return { anthropic, proxy };
}

const messagesOf = ({ requests }: FakeAnthropic) =>
  requests.filter(({ path }) => path.startsWith("/v1/messages"));
const messageLine = (at: NativeProxy) => at.log.find((line) => line.includes("message answered")) ?? "";

describe("a request", () => {
  const odd =
    '{ "model":"claude-opus-5-5",  "stop_sequences": ["x"], "max_tokens" : 1e2, "metadata": {"user_id":"caf\\u00e9"},\n"messages":[{"role":"user","content":[{"type":"text","text":"Hello \\"model\\":\\"y\\"","cache_control":{"type":"ephemeral","ttl":"1h"}}]}] }';

  test("goes to the backend byte for byte", async () => {
    const at = await start(hello);
    expect((await at.proxy.post(odd)).status).toBe(200);
    expect(messagesOf(at.anthropic)[0]?.text).toBe(odd);
  });

  test("has another model's name if it is routed, and nothing else", async () => {
    const at = await start(hello, { toml: '[routes]\nopus = "claude@claude-sonnet-4-6"\n' });
    const answer = await at.proxy.post(odd);
    expect(await answer.json()).toMatchObject({ model: "claude-opus-5-5", content: [said("Hello")] });
    expect(messagesOf(at.anthropic)[0]?.text).toBe(odd.replace("claude-opus-5-5", "claude-sonnet-4-6"));
  });

  test("keeps what this proxy does not know, and its pictures", async () => {
    const at = await start(() => ({ error: { status: 400, type: "invalid_request_error", message: "no" } }));
    const data = Buffer.alloc(60_000, 7).toString("base64");
    const source = { type: "base64", media_type: "image/png", data };
    const body = ask({
      model: "claude-opus-5-5",
      new_field: { a: [1, null] },
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source },
            { type: "brand_new", x: 1 },
          ],
        },
      ],
      tools: [{ type: "brand_new_20991231", name: "n", extra: true }],
    });
    await at.proxy.post(body);
    expect(messagesOf(at.anthropic)[0]?.body).toEqual(body);
  });

  test("takes its version and its betas along, and no other header", async () => {
    const at = await start(hello);
    await at.proxy.post(ask(), {
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "context-management-2025-06-27,fine-grained-tool-streaming-2025-05-14",
      cookie: "session=1",
      "x-custom": "1",
    });
    const headers = messagesOf(at.anthropic)[0]?.headers;
    expect(headers?.get("anthropic-version")).toBe("2023-06-01");
    expect(headers?.get("anthropic-beta")).toBe(
      "context-management-2025-06-27,fine-grained-tool-streaming-2025-05-14",
    );
    expect(headers?.get("cookie")).toBeNull();
    expect(headers?.get("x-custom")).toBeNull();
    expect(headers?.get("authorization")).toBe(`Bearer ${anthropicKey}`);
  });
});

describe("a reply", () => {
  const blocks = [
    thought("I look"),
    said("It says message_stop and error"),
    called("toolu_1", "Read", { path: "é" }),
  ];

  test.each([undefined, 1, 7, 100])("passes byte for byte, cut every %p bytes", async (splitEvery) => {
    const at = await start(() => ({ blocks }), {}, splitEvery === undefined ? {} : { splitEvery });
    const answer = await at.proxy.post(ask({ stream: true }));
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    expect(await answer.text()).toBe(writeNativeStream("claude-opus-5-5", blocks));
  });

  test("has the name that the client asked for", async () => {
    const at = await start(() => ({ blocks }), { toml: '[routes]\nopus = "claude@claude-sonnet-4-6"\n' });
    const answer = await at.proxy.post(ask({ stream: true }));
    expect(await answer.text()).toBe(writeNativeStream("claude-opus-5-5", blocks));
  });

  test("is logged with its usage, its model and why it ended", async () => {
    const at = await start(() => ({ blocks }));
    await (await at.proxy.post(ask({ stream: true }))).text();
    const line = messageLine(at.proxy);
    for (const part of ["input_tokens=30", "cached_tokens=7", "output_tokens=11", "stop_reason=tool_use"])
      expect(line).toContain(part);
  });

  test("takes the backend's limits along", async () => {
    const name = "anthropic-ratelimit-unified-5h-utilization";
    const at = await start(hello, {}, { headers: { [name]: "0.42", "anthropic-organization-id": "org" } });
    const answer = await at.proxy.post(ask({ stream: true }));
    expect(answer.headers.get(name)).toBe("0.42");
    expect(answer.headers.get("anthropic-organization-id")).toBeNull();
  });

  test("the official SDK reads both forms", async () => {
    const at = await start(() => ({ blocks }));
    const client = new Anthropic({ baseURL: at.proxy.url, apiKey: "any", maxRetries: 0 });
    const request = {
      model: "claude-opus-5-5",
      max_tokens: 100,
      messages: [{ role: "user" as const, content: "Hi" }],
    };
    const streamed = await client.messages.stream(request).finalMessage();
    const created = await client.messages.create(request);
    expect(z.unknown().parse(streamed.content)).toEqual(created.content);
    expect(z.unknown().parse(streamed.content)).toEqual(blocks);
    expect(streamed.usage.input_tokens).toBe(20);
  });
});

describe("an error", () => {
  test.each([
    [400, "invalid_request_error", "messages.0: something is wrong"],
    [401, "authentication_error", "invalid x-api-key"],
    [403, "permission_error", "OAuth token does not meet scope requirement"],
    [404, "not_found_error", "model: claude-nope"],
    [413, "request_too_large", "Request exceeds the maximum size"],
    [429, "rate_limit_error", "This request would exceed your account's rate limit"],
    [529, "overloaded_error", "Overloaded"],
  ])("%p is told with its type and its words", async (code, type, message) => {
    const at = await start(() => ({
      error: { status: code, type, message },
      headers: {
        "retry-after": "77",
        "anthropic-ratelimit-requests-remaining": "0",
        "x-should-retry": "false",
      },
    }));
    const answer = await at.proxy.post(ask({ stream: true }));
    expect(answer.status).toBe(code);
    expect(answer.headers.get("retry-after")).toBe("77");
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(answer.headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
    const { error } = await readError(answer);
    expect(error.type).toBe(type);
    expect(error.message).toContain(message);
  });

  test("has the details and the id by which the backend's operator knows it, and no key", async () => {
    const details = { error_code: "credits_required", hint: { plan: "max", quoted: anthropicKey } };
    const at = await start(() => ({
      error: { status: 400, type: "invalid_request_error", message: "no", details },
    }));
    const answer = await at.proxy.post();
    const shown = { error_code: "credits_required", hint: { plan: "max", quoted: "***" } };
    expect(await answer.json()).toMatchObject({ request_id: "req_fake", error: { details: shown } });
    const own = answer.headers.get("request-id") ?? "";
    const line = at.proxy.log.find((one) => one.includes("message failed")) ?? "";
    for (const field of [own, "protocol=anthropic", "backend_request_id=req_fake"])
      expect(line).toContain(field);
  });

  test("a full window is told in the words that make Claude Code compact", async () => {
    const at = await start(() => ({
      error: {
        status: 400,
        type: "invalid_request_error",
        message: "This model's maximum context length is 131072 tokens. However, you requested 200000 tokens",
      },
    }));
    const { error } = await readError(await at.proxy.post());
    expect(error.message).toMatch(/^prompt is too long: 200000 tokens > 131072 maximum/);
  });

  test("in a stream is one event, and counts as a failure", async () => {
    const whole = writeNativeStream("claude-opus-5-5", [said("Hello")]);
    const begun = whole.slice(0, whole.indexOf("event: content_block_stop"));
    const event =
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
    const at = await start(() => ({ bytes: begun + event }));
    const answer = await (await at.proxy.post(ask({ stream: true }))).text();
    expect(answer.startsWith(begun)).toBe(true);
    expect(answer.slice(begun.length)).toMatch(/^event: error\ndata: .*"overloaded_error".*\n\n$/);
    expect(at.proxy.log.some((line) => line.includes("message failed"))).toBe(true);
  });

  test("before the first block still has a status", async () => {
    const whole = writeNativeStream("claude-opus-5-5", [said("Hello")]);
    const begun = whole.slice(0, whole.indexOf("event: content_block_start"));
    const event =
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
    const at = await start(() => ({ bytes: begun + event }));
    expect((await at.proxy.post(ask({ stream: true }))).status).toBe(529);
  });

  test("a stream that breaks off ends in an error event", async () => {
    const whole = writeNativeStream("claude-opus-5-5", [said("Hello")]);
    const at = await start(() => ({ bytes: whole.slice(0, whole.indexOf("event: message_delta")) }));
    const answer = await (await at.proxy.post(ask({ stream: true }))).text();
    expect(answer).toMatch(/event: error\ndata: .*\n\n$/);
  });
});

const login = "sk-ant-oat01-somebody";
const bearer = { authorization: `Bearer ${login}`, "anthropic-beta": "oauth-2025-04-20" };

describe("the caller's own key", () => {
  test("goes to its backend, with what the program says of itself, and is not logged", async () => {
    const at = await start(hello, { keys: "caller" }, { logins: [login] });
    const headers = { ...bearer, "user-agent": "claude-cli/2.1.332 (external, cli)", "x-app": "cli" };
    expect((await at.proxy.post(ask(), headers)).status).toBe(200);
    const [sent] = messagesOf(at.anthropic);
    expect(sent?.headers.get("authorization")).toBe(`Bearer ${login}`);
    expect(sent?.headers.get("x-api-key")).toBeNull();
    expect(sent?.headers.get("user-agent")).toBe("claude-cli/2.1.332 (external, cli)");
    expect(sent?.headers.get("x-app")).toBe("cli");
    expect(at.proxy.log.join("\n")).not.toContain(login);
  });

  test("is not in what the client hears, even if the backend quotes it", async () => {
    const at = await start(
      () => ({ error: { status: 403, type: "permission_error", message: `no access for ${login}` } }),
      { keys: "caller" },
      { logins: [login] },
    );
    const answer = await at.proxy.post(ask(), bearer);
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain(login);
    expect(at.proxy.log.join("\n")).not.toContain(login);
  });

  test("is demanded", async () => {
    const at = await start(hello, { keys: "caller" });
    const answer = await at.proxy.post();
    expect(answer.status).toBe(401);
    expect((await readError(answer)).error.message).toContain("takes the client's own login or key");
    expect(messagesOf(at.anthropic)).toEqual([]);
  });

  test("is never this proxy's own client key", async () => {
    const at = await start(
      hello,
      { keys: "caller", env: { ANTHROPIC_API_KEY: "our-client-key" } },
      { logins: [login] },
    );
    const refused = await at.proxy.post(ask(), { authorization: "Bearer our-client-key" });
    expect(refused.status).toBe(401);
    expect(messagesOf(at.anthropic)).toEqual([]);
    expect((await at.proxy.post(ask(), { ...bearer, "x-api-key": "our-client-key" })).status).toBe(200);
    const [sent] = messagesOf(at.anthropic);
    expect(sent?.headers.get("authorization")).toBe(`Bearer ${login}`);
    expect(sent?.headers.get("x-api-key")).toBeNull();
    const both = { authorization: "Bearer our-client-key", "x-api-key": "our-client-key" };
    expect((await at.proxy.post(ask(), both)).status).toBe(401);
    expect(
      (await at.proxy.post(ask(), { "x-api-key": login, authorization: "Bearer our-client-key" })).status,
    ).toBe(200);
    expect(messagesOf(at.anthropic).at(-1)?.headers.get("x-api-key")).toBe(login);
    expect(messagesOf(at.anthropic).at(-1)?.headers.get("authorization")).toBeNull();
  });

  test("goes nowhere else", async () => {
    other = await startFakeUpstream(text("Other"));
    const at = await start(hello, {
      keys: "caller",
      toml: `[backends.local]\nurl = "${other.url}"\nkeys = "${upstreamKey}"\n[routes]\nopus = ["claude@claude-opus-5-5", "local@m"]\nhaiku = "local@m"\n`,
    });
    // The fake server does not know this login.
    const answer = await at.proxy.post(ask(), bearer);
    expect(await answer.json()).toMatchObject({ content: [said("Other")] });
    expect(JSON.stringify([...(other.requests.at(-1)?.headers ?? [])])).not.toContain(login);
  });
});

describe("a route over protocols", () => {
  const routed = (url: string, order: readonly string[]) =>
    `[backends.local]\nurl = "${url}"\nkeys = "${upstreamKey}"\n[routes]\nopus = ${JSON.stringify(order)}\n`;
  const overloaded: NativeScript = () => ({
    error: { status: 529, type: "overloaded_error", message: "Overloaded" },
  });

  test.each([true, false])("goes from native to converted, with stream %p", async (stream) => {
    other = await startFakeUpstream(text("Other"));
    const at = await start(overloaded, { toml: routed(other.url, ["claude@claude-opus-5-5", "local@m"]) });
    const answer = await at.proxy.post(ask({ stream }));
    expect(answer.status).toBe(200);
    const told = await answer.text();
    expect(told).toContain(stream ? '"text":"Oth' : "Other");
  });

  test.each([true, false])("goes from converted to native, with stream %p", async (stream) => {
    other = await startFakeUpstream(status(500, { error: { message: "broken" } }));
    const at = await start(hello, { toml: routed(other.url, ["local@m", "claude@claude-opus-5-5"]) });
    const body = ask({ stream });
    const answer = await at.proxy.post(body);
    expect(answer.status).toBe(200);
    const told = await answer.text();
    if (stream) expect(told).toBe(writeNativeStream("claude-opus-5-5", [said("Hello")]));
    else expect(told).toContain("Hello");
    expect(messagesOf(at.anthropic)[0]?.text).toBe(JSON.stringify(body));
  });
});

describe("a session that changes protocol", () => {
  const toml = (url: string) =>
    `[backends.local]\nurl = "${url}"\nkeys = "${upstreamKey}"\n[routes]\nhaiku = "local@m"\nopus = "claude@*"\n`;
  const message = z.object({ content: z.array(z.looseObject({ type: z.string() })) });
  const thinking = { type: "enabled", budget_tokens: 1024 };
  const tools = [{ name: "Read", input_schema: { type: "object" } }];
  const user = (content: unknown) => ({ role: "user", content });

  test("from converted to native leaves the other's reasoning out, also in mid-turn", async () => {
    other = await startFakeUpstream(
      inOrder(reasoning("I reason"), toolCalls([{ name: "Read", arguments: { path: "a" } }])),
    );
    const at = await start(hello, { toml: toml(other.url) });
    const first = ask({ model: "claude-haiku-5", max_tokens: 4000, thinking, tools });
    const { content } = message.parse(await (await at.proxy.post(first)).json());
    expect(content.map(({ type }) => type)).toEqual(["thinking", "tool_use"]);
    const results = content
      .filter(({ type }) => type === "tool_use")
      .map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "ok" }));
    const messages = [user("Hello"), { role: "assistant", content }, user(results)];
    const next = ask({ messages, max_tokens: 4000, thinking, tools });
    const answer = await at.proxy.post(next);
    expect(answer.status).toBe(200);
    const { body } = messagesOf(at.anthropic).at(-1) ?? { body: {} };
    expect(JSON.stringify(body)).not.toContain("ccp1.");
    expect(body).toMatchObject({ thinking: { type: "disabled" } });
  });

  test("and back keeps each one's own", async () => {
    other = await startFakeUpstream(inOrder(reasoning("Local"), text("Local answer")));
    const at = await start(() => ({ blocks: [thought("Signed"), said("Native answer")] }), {
      toml: toml(other.url),
    });
    const turns: object[] = [user("Hello")];
    for (const model of ["claude-opus-5-5", "claude-haiku-5", "claude-opus-5-5", "claude-haiku-5"]) {
      const answer = await at.proxy.post(ask({ model, messages: turns, max_tokens: 4000, thinking }));
      const { content } = message.parse(await answer.json());
      turns.push({ role: "assistant", content }, user("Go on"));
    }
    expect(messagesOf(at.anthropic).at(-1)?.body.messages).toEqual([
      user("Hello"),
      { role: "assistant", content: [thought("Signed"), said("Native answer")] },
      user("Go on"),
      { role: "assistant", content: [expect.objectContaining(said("Local answer"))] },
      user("Go on"),
    ]);
    expect(JSON.stringify(other.lastChat().body)).not.toContain("signed:");
  });

  test("a signature that only the backend can tell from its own is left out when it is refused, and from then on", async () => {
    const at = await start(hello);
    const strange = { type: "thinking", thinking: "x", signature: "from-elsewhere" };
    const messages = [user("Hello"), { role: "assistant", content: [strange, said("a")] }, user("Go on")];
    expect((await at.proxy.post(ask({ messages }))).status).toBe(200);
    expect((await at.proxy.post(ask({ messages }))).status).toBe(200);
    expect(messagesOf(at.anthropic).map(({ refused }) => refused)).toEqual([
      "messages.1.content.0: Invalid `signature` in `thinking` block",
      undefined,
      undefined,
    ]);
  });
});

describe("counting tokens", () => {
  const path = "/v1/messages/count_tokens";
  const body = JSON.stringify({ model: "claude-opus-5-5", messages: [{ role: "user", content: "Hello" }] });

  test("is left to a backend that does", async () => {
    const at = await start(hello);
    expect(await (await at.proxy.post(body, {}, path)).json()).toEqual({ input_tokens: 4321 });
    expect(messagesOf(at.anthropic)).toMatchObject([{ path, text: body }]);
  });

  test("is an estimate where there is no such endpoint, which is remembered", async () => {
    const at = await start(hello, {}, { countsTokens: false });
    for (let count = 0; count < 2; count += 1) {
      const { input_tokens } = z
        .object({ input_tokens: z.number() })
        .parse(await (await at.proxy.post(body, {}, path)).json());
      expect(input_tokens).toBeLessThan(100);
    }
    expect(messagesOf(at.anthropic)).toHaveLength(1);
  });
});

test("one client's bad login does not keep another's away", async () => {
  other = await startFakeUpstream(text("Other"));
  const local = `[backends.local]\nurl = "${other.url}"\nkeys = "${upstreamKey}"\n`;
  const toml = `${local}[routes]\nopus = ["claude@claude-opus-5-5", "local@m"]\n`;
  const at = await start(hello, { keys: "caller", toml }, { logins: [login] });
  expect(await (await at.proxy.post(ask(), { authorization: "Bearer wrong" })).text()).toContain("Other");
  expect(await (await at.proxy.post(ask(), bearer)).text()).toContain("Hello");
});
