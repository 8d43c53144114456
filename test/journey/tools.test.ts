/** Tools that are not plain functions, through the real server: toolsets, deferred ones, and those that come and go. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import { text, toolCalls } from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(text("unused"));
});
afterAll(() => proxy.close());

const message = z.object({ content: z.array(z.looseObject({ type: z.string() })) });

/** The same answer for a client that does not stream, and for one that does. */
async function bothWays(body: Record<string, unknown>): Promise<z.infer<typeof message>[]> {
  const whole = await (await proxy.post(ask(body))).json();
  const stream = await (await proxy.post(ask({ ...body, stream: true }))).text();
  return [message.parse(whole), message.parse(foldMessage(checkStream(stream)))];
}

const told = z.object({ tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]) });
const toldNames = () => told.parse(proxy.upstream.lastChat().body).tools.map((tool) => tool.function.name);

const unit = { type: "object", properties: { city: { type: "string" }, unit: { type: "string" } } };
const tool = (name: string, more: object = {}) => ({ name, input_schema: unit, ...more });
const later = (name: string) => tool(name, { defer_loading: true });
const hello = { role: "user", content: "Hello" };
const call = (id: string, name: string, more: object = {}) => ({
  role: "assistant",
  content: [{ type: "tool_use", id, name, input: {}, ...more }],
});
const result = (tool_use_id: string, content: unknown) => ({
  role: "user",
  content: [{ type: "tool_result", tool_use_id, content }],
});

describe("toolsets", () => {
  test("a call carries the name of its toolset, even where two toolsets share a member", async () => {
    proxy.upstream.follow(
      toolCalls([
        { name: "computer_screenshot", arguments: {} },
        { name: "navigate", arguments: { url: "example.com", tab_id: null } },
      ]),
    );
    const tools = [{ type: "computer_toolset_20260801" }, { type: "browser_toolset_20260801" }];
    for (const { content } of await bothWays({ tools })) {
      expect(content).toMatchObject([
        { type: "tool_use", name: "screenshot", toolset_name: "computer", input: {} },
        { type: "tool_use", name: "navigate", toolset_name: "browser", input: { url: "example.com" } },
      ]);
      expect(content[1]?.input).not.toHaveProperty("tab_id");
    }
  });

  test("the SDK's beta client gets a member's call and sends back its result", async () => {
    const client = new Anthropic({ baseURL: proxy.url, apiKey: "any", maxRetries: 0 });
    proxy.upstream.follow(toolCalls([{ name: "zoom", arguments: { region: [0, 0, 9, 9] } }]));
    const tools: Anthropic.Beta.BetaToolUnion[] = [{ type: "computer_toolset_20260801" }];
    const asked: Anthropic.Beta.MessageCreateParamsNonStreaming = {
      model: "m",
      max_tokens: 99,
      tools,
      messages: [{ role: "user", content: "Look" }],
    };
    const { content } = await client.beta.messages.stream(asked).finalMessage();
    expect(content).toMatchObject([{ type: "tool_use", name: "zoom", toolset_name: "computer" }]);
    proxy.upstream.follow(text("I see."));
    const [use] = content;
    if (use?.type !== "tool_use") throw new Error("There is no call");
    await client.beta.messages.create({
      ...asked,
      messages: [
        ...asked.messages,
        { role: "assistant", content: [{ ...use, toolset_name: "computer" }] },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: use.id, toolset_name: "computer", content: "a cat" }],
        },
      ],
    });
    expect(proxy.upstream.lastChat().body).toMatchObject({
      messages: [
        {},
        { tool_calls: [{ function: { name: "zoom", arguments: '{"region":[0,0,9,9]}' } }] },
        { role: "tool", content: "a cat" },
      ],
    });
  });
});

describe("deferred tools", () => {
  const tools = [later("weather"), tool("find"), later("news")];

  test("are searched by the client, and offered from then on", async () => {
    proxy.upstream.follow(text("ok"));
    const found = result("t1", [{ type: "tool_reference", tool_name: "news" }]);
    await bothWays({ tools });
    expect(toldNames()).toEqual(["find"]);
    await bothWays({ tools, messages: [hello, call("t1", "find"), found] });
    expect(toldNames()).toEqual(["find", "news"]);
  });

  test("can be called from memory, with arguments repaired by their schema", async () => {
    proxy.upstream.follow(toolCalls([{ name: "weather", arguments: { city: "Paris", unit: null } }]));
    for (const { content } of await bothWays({ tools })) {
      expect(content).toMatchObject([{ type: "tool_use", name: "weather", input: { city: "Paris" } }]);
      expect(content[0]?.input).not.toHaveProperty("unit");
    }
    expect(toldNames()).toEqual(["find"]);
  });

  test("with long names go by the short one, loaded or not", async () => {
    const long = `mcp__${"server_".repeat(12)}_tool.v1`;
    const deferred = [tool("find"), later(long)];
    const messages = [hello, call("t1", "find"), result("t1", [{ type: "tool_reference", tool_name: long }])];
    proxy.upstream.follow(text("ok"));
    await bothWays({ tools: deferred, messages });
    const short = toldNames().at(-1) ?? "";
    expect(short).toHaveLength(64);
    expect(JSON.stringify(proxy.upstream.lastChat().body)).toContain(`The tool ${short} is loaded`);
    proxy.upstream.follow(toolCalls([{ name: short, arguments: {} }]));
    for (const { content } of await bothWays({ tools: deferred }))
      expect(content).toMatchObject([{ type: "tool_use", name: long }]);
  });

  test("are not counted unless they are offered", async () => {
    const count = async (body: object) => {
      const response = await fetch(`${proxy.url}/v1/messages/count_tokens`, {
        method: "POST",
        body: JSON.stringify({ model: "m", messages: [hello], ...body }),
      });
      return z.object({ input_tokens: z.number() }).parse(await response.json()).input_tokens;
    };
    expect(await count({ tools })).toBe(await count({ tools: [tool("find")] }));
    expect(await count({ tools: [later("news")] })).toBe(await count({ tools: [tool("news")] }));
  });
});

test("each turn's tools and messages start with those of the turn before while tools are loaded and added", async () => {
  const body = z.object({ tools: z.array(z.unknown()), messages: z.array(z.unknown()) });
  const tools = [tool("find"), ...Array.from({ length: 20 }, (_, i) => later(`deferred_${19 - i}`))];
  const session: object[] = [hello];
  let before: z.infer<typeof body> = { tools: [], messages: [] };
  proxy.upstream.follow(text("ok"));
  for (let turn = 0; turn < 20; turn++) {
    expect((await proxy.post(ask({ tools, messages: session }))).status).toBe(200);
    const sent = body.parse(proxy.upstream.lastChat().body);
    expect(sent.tools.slice(0, before.tools.length)).toEqual(before.tools);
    expect(sent.messages.slice(0, before.messages.length)).toEqual(before.messages);
    before = sent;
    const definition = tool(`added_${turn}`);
    session.push(call(`toolu_${turn}`, turn % 4 === 3 ? `deferred_${turn - 1}` : "find"));
    session.push(result(`toolu_${turn}`, [{ type: "tool_reference", tool_name: `deferred_${turn}` }]));
    if (turn % 3 === 0) {
      const change = { type: "tool_addition", tool: { type: "tool_definition", definition } };
      session.push({ role: "system", content: [change, { type: "text", text: `${turn} is connected` }] });
    }
  }
  expect(before.tools).toHaveLength(1 + 19 + 7);
});
