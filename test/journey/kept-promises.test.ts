/** What the client asked for and the backend does not do, enforced by the proxy. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { contentChunk, encodeChunk, raw, text, toolCalls } from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await startProxy(text("unused"), {
    config: { backend: { name: "openai" }, models: { big: "gpt-5.4" } },
  });
});
afterAll(() => proxy.close());

const message = z.object({
  content: z.array(z.looseObject({ type: z.string() })),
  stop_reason: z.string(),
  stop_sequence: z.string().nullable(),
});

/** The same answer for a client that does not stream, and for one that does. */
async function bothWays(body: Record<string, unknown>): Promise<z.infer<typeof message>[]> {
  const whole = await (await proxy.post(ask(body))).json();
  const stream = await (await proxy.post(ask({ ...body, stream: true }))).text();
  return [message.parse(whole), message.parse(foldMessage(checkStream(stream)))];
}

test("a stop sequence that the backend never got ends the answer right before it", async () => {
  proxy.upstream.follow(text("<severity>low</severity>and so on"));
  for (const answer of await bothWays({ stop_sequences: ["</severity>", "</block>"] })) {
    expect(answer).toMatchObject({
      content: [{ type: "text", text: "<severity>low" }],
      stop_reason: "stop_sequence",
      stop_sequence: "</severity>",
    });
  }
  expect(proxy.upstream.lastChat().body).not.toHaveProperty("stop");
});

test("the request to the backend is cancelled after a stop sequence", async () => {
  const endless = Array.from({ length: 10_000 }, () => encodeChunk(contentChunk("and on ")));
  proxy.upstream.follow(raw([encodeChunk(contentChunk("a END")), ...endless], { delayMs: 1 }));
  const response = await proxy.post(ask({ stop_sequences: ["END"], stream: true }));
  expect(foldMessage(checkStream(await response.text()))).toMatchObject({
    content: [{ type: "text", text: "a " }],
    stop_sequence: "END",
  });
  expect((await proxy.upstream.lastChat().ended).kind).toBe("aborted");
});

test("a JSON answer comes without its Markdown fence", async () => {
  proxy.upstream.follow(text('```json\n{"title":"A `b`"}\n```\n'));
  const format = { type: "json_schema", schema: { type: "object", properties: {} } };
  for (const answer of await bothWays({ output_config: { format } }))
    expect(answer.content).toMatchObject([{ type: "text", text: '{"title":"A `b`"}' }]);
});

test("only one call passes where the client disables parallel calls", async () => {
  const calls = ["a", "b"].map((name) => ({ name, arguments: {} }));
  const tools = calls.map(({ name }) => ({ name, input_schema: { type: "object" } }));
  proxy.upstream.follow(toolCalls(calls));
  const tool_choice = { type: "auto", disable_parallel_tool_use: true };
  for (const answer of await bothWays({ tools, tool_choice })) {
    expect(answer).toMatchObject({ content: [{ type: "tool_use", name: "a" }], stop_reason: "tool_use" });
    expect(answer.content).toHaveLength(1);
  }
  for (const answer of await bothWays({ tools })) expect(answer.content).toHaveLength(2);
});
