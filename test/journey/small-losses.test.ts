/** What is easily lost between two formats: each is kept, or named in the log. */
import { afterEach, expect, test } from "bun:test";
import { z } from "zod";
import { chunks, contentChunk, finishChunk, text } from "../support/fake-upstream.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy | undefined;
afterEach(() => proxy?.close());

/** What the backend got as text, and the log. */
async function send(changes: Record<string, unknown>): Promise<{ sent: string; log: string }> {
  proxy = await startProxy(text("ok"));
  expect(await proxy.say(changes)).toBe("ok");
  return { sent: JSON.stringify(proxy.upstream.lastChat().body), log: proxy.log.join("\n") };
}

const user = (...content: object[]) => ({ messages: [{ role: "user", content }] });
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const answered = (...content: object[]) => ({
  messages: [
    { role: "user", content: "one" },
    { role: "assistant", content },
    { role: "user", content: "two" },
  ],
});

test("a data: URL counts as the bytes in it, in images and documents", async () => {
  const image = { type: "image", source: { type: "url", url: `data:image/png;base64,${pixel}` } };
  const note = { type: "url", url: `data:text/plain;charset=utf-8;base64,${btoa("the note's words")}` };
  const { sent } = await send(user(image, { type: "document", source: note }));
  expect(sent).toContain(`data:image/png;base64,${pixel}`);
  expect(sent).toContain("the note's words");
});

test("the context of a document that is not fetched stays", async () => {
  const document = (source: object) => ({ type: "document", source, context: "Chapter CONTEXT" });
  const { sent } = await send(
    user(
      document({ type: "url", url: "https://a.example/b.pdf" }),
      document({ type: "file", file_id: "file_1" }),
    ),
  );
  expect(sent.split("Chapter CONTEXT")).toHaveLength(3);
});

test("the age of a page stays", async () => {
  const found = {
    type: "web_search_result",
    title: "T",
    url: "https://a.example",
    encrypted_content: "",
    page_age: "May 2, 2026",
  };
  const { sent } = await send(
    answered(
      { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
      { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [found] },
      { type: "text", text: "found" },
    ),
  );
  expect(sent).toContain("May 2, 2026");
});

test("sealed thinking and citations of an earlier answer are named", async () => {
  const citation = {
    type: "char_location",
    cited_text: "c",
    document_index: 0,
    start_char_index: 0,
    end_char_index: 1,
  };
  const { log } = await send(
    answered(
      { type: "redacted_thinking", data: "sealed by others" },
      { type: "text", text: "a", citations: [citation] },
    ),
  );
  expect(log).toContain("left out redacted thinking");
  expect(log).toContain("left out the citations of an earlier answer");
});

test("a page that is cited after a call is in the search's result, and the lost citation is named", async () => {
  const search = { type: "web_search_20250305", name: "web_search" };
  const note = { name: "note", input_schema: { type: "object" } };
  const call = { index: 0, id: "call_note", type: "function", function: { name: "note", arguments: "{}" } };
  const part = (delta: object) => ({
    ...contentChunk(""),
    choices: [{ index: 0, delta, finish_reason: null }],
  });
  const url_citation = { url: "https://a.example/", title: "A", content: "It says so." };
  proxy = await startProxy(
    chunks([
      contentChunk("It is so."),
      part({ tool_calls: [call] }),
      part({ annotations: [{ type: "url_citation", url_citation }] }),
      finishChunk("tool_calls"),
    ]),
    {
      config: { backend: { name: "openrouter" } },
      upstream: { extensions: ["openrouter:web_search", "session_id"] },
    },
  );
  const body = JSON.stringify(await (await proxy.post(ask({ tools: [search, note] }))).json());
  expect(body).toContain('"url":"https://a.example/"');
  expect(proxy.log.join("\n")).toContain("left out a citation that came after its text had ended");
});

test.each(["generic", "openai"] as const)(
  "an image in a system message in mid-conversation reaches %s",
  async (name) => {
    const source = { type: "base64", media_type: "image/png", data: pixel };
    const content = [
      { type: "text", text: "Mind this picture" },
      { type: "image", source },
    ];
    proxy = await startProxy(text("ok"), { config: { backend: { name } } });
    const messages = [
      { role: "user", content: "one" },
      { role: "assistant", content: "a" },
      { role: "user", content: "two" },
      { role: "system", content },
    ];
    expect(await proxy.say({ messages })).toBe("ok");
    const sent = JSON.stringify(proxy.upstream.lastChat().body);
    expect(sent).toContain(`data:image/png;base64,${pixel}`);
    expect(sent).toContain("Mind this picture");
    expect(proxy.upstream.lastChat().refused).toBeUndefined();
  },
);

test("an added tool that nobody declared is named", async () => {
  const added = { type: "tool_addition", tool: { type: "tool_reference", name: "ghost" } };
  const { log } = await send({
    messages: [
      { role: "user", content: "one" },
      { role: "system", content: [added, { type: "text", text: "hint" }] },
    ],
  });
  expect(log).toContain("left out the added tool ghost");
});

test("a strict tool with optional fields says that it is not strict", async () => {
  const input_schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
  const { log } = await send({ tools: [{ name: "lax", strict: true, input_schema }] });
  expect(log).toContain("offered tool lax without strict");
});

test("pages that the backend fetched are counted", async () => {
  const usage = { prompt_tokens: 5, completion_tokens: 2, server_tool_use: { web_fetch_requests: 3 } };
  proxy = await startProxy(chunks([contentChunk("ok"), finishChunk("stop"), { choices: [], usage }]));
  const answer = z.looseObject({ usage: z.looseObject({ server_tool_use: z.unknown().optional() }) });
  expect(answer.parse(await (await proxy.post(ask({}))).json()).usage.server_tool_use).toEqual({
    web_search_requests: 0,
    web_fetch_requests: 3,
  });
});
