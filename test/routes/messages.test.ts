import { describe, expect, test } from "bun:test";
import { answerMessages } from "../../src/routes/messages.ts";
import { contentChunk, encodeChunk, finishChunk } from "../support/fake-replies.ts";
import type { FakeAnswer } from "../support/fake-sender.ts";
import { checkStream, foldContent } from "../support/grammar.ts";
import { ask } from "../support/proxy.ts";
import { contextFor, servicesFor } from "../support/services.ts";

const hello: FakeAnswer = { pieces: [encodeChunk(contentChunk("Hello")), encodeChunk(finishChunk("stop"))] };

function post(body: unknown, headers: Record<string, string> = {}, config = {}) {
  const services = servicesFor([hello], { config });
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const context = contextFor("/v1/messages", { method: "POST", body: text, headers });
  return { services, answer: answerMessages(context, services) };
}

test("the answer is a message, or a stream if the client asks for one", async () => {
  expect(await (await post(ask()).answer).json()).toMatchObject({
    type: "message",
    content: [{ type: "text", text: "Hello" }],
  });
  const stream = await (await post(ask({ stream: true })).answer).text();
  expect(foldContent(checkStream(stream))).toMatchObject([{ type: "text", text: "Hello" }]);
});

test("the session of the client's header is that of the request to the backend", async () => {
  const { services, answer } = post(
    ask(),
    { "x-claude-code-session-id": "session-1" },
    { backend: { name: "openai" } },
  );
  await answer;
  expect(services.sender.requests[0]?.body).toContain('"prompt_cache_key":"session-1"');
});

test("what the request lost is logged with its id", async () => {
  const { services, answer } = post(ask({ top_k: 3 }));
  await answer;
  expect(services.lines.join("\n")).toMatch(/left out top_k.* id=req_1/);
});

describe("nothing is sent", () => {
  test("if the body is not valid", async () => {
    const { services, answer } = post("{nope");
    await expect(answer).rejects.toThrow("not valid JSON");
    expect(services.sender.requests).toEqual([]);
  });

  test("if the prompt surely exceeds the window", async () => {
    const services = servicesFor([hello]);
    services.sites.default.catalog.replace([{ id: "big-model", contextWindow: 1000, hardWindow: 1000 }], 0);
    const body = JSON.stringify(ask({ messages: [{ role: "user", content: "word ".repeat(20_000) }] }));
    const answer = answerMessages(contextFor("/v1/messages", { method: "POST", body }), services);
    await expect(answer).rejects.toThrow(/^prompt is too long: \d+ tokens > 1000 maximum$/);
    expect(services.sender.requests).toEqual([]);
  });
});
