import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { answerTestConnection } from "../../src/routes/test-connection.ts";
import { contentChunk, encodeChunk, finishChunk } from "../support/fake-replies.ts";
import type { FakeAnswer } from "../support/fake-sender.ts";
import { contextFor, servicesFor } from "../support/services.ts";

const good: FakeAnswer = { pieces: [encodeChunk(contentChunk("Hello")), encodeChunk(finishChunk("stop"))] };
const failing = (status: number): FakeAnswer => ({
  status,
  pieces: [JSON.stringify({ error: { message: "No" } })],
});

async function answer(...answers: (FakeAnswer | Error)[]) {
  const services = servicesFor(answers);
  const response = await answerTestConnection(contextFor("/test-connection"), services);
  return { status: response.status, body: await response.json(), sent: services.sender.requests };
}

test("success names the backend, the model and the time", async () => {
  const { status, body, sent } = await answer(good);
  expect(status).toBe(200);
  expect(body).toEqual({
    status: "success",
    backend: "http://127.0.0.1:9/v1",
    model: "small-model",
    latency_ms: expect.any(Number),
  });
  expect(sent[0]?.body).toContain('"max_tokens":16');
});

test.each([
  [401, /OPENAI_API_KEY/],
  [402, /credit/],
  [404, /SMALL_MODEL/],
  [429, /limits requests/],
] as const)("a %d of the backend comes with advice", async (code, advice) => {
  const { status, body } = await answer(failing(code));
  expect(status).toBe(code);
  expect(body).toMatchObject({
    status: "failed",
    error: expect.any(String),
    what_to_do: expect.stringMatching(advice),
  });
});

test("so does a backend that cannot be reached, or that answers something else", async () => {
  const refused = new ProxyError("unreachable", "The connection was refused");
  expect((await answer(refused)).body).toMatchObject({
    what_to_do: expect.stringContaining("OPENAI_BASE_URL"),
  });
  expect((await answer({ pieces: ["Hello"] })).body).toMatchObject({ status: "failed" });
});
