import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { answerTestConnection } from "../../src/routes/test-connection.ts";
import { contentChunk, encodeChunk, finishChunk } from "../support/fake-replies.ts";
import type { FakeAnswer } from "../support/fake-sender.ts";
import { contextFor, servicesFor } from "../support/services.ts";
import type { ConfigChanges } from "../support/write-variables.ts";

const good: FakeAnswer = { pieces: [encodeChunk(contentChunk("Hello")), encodeChunk(finishChunk("stop"))] };
const failing = (status: number): FakeAnswer => ({
  status,
  pieces: [JSON.stringify({ error: { message: "No" } })],
});

const one = { models: { big: "m", middle: "m", small: "m" } };

async function answer(answers: readonly (FakeAnswer | Error)[], config: ConfigChanges = one) {
  const services = servicesFor(answers, { config });
  const response = await answerTestConnection(contextFor("/test-connection"), services);
  return { status: response.status, body: await response.json(), sent: services.sender.requests };
}

test("success names the backend, the model and the time", async () => {
  const { status, body, sent } = await answer([good]);
  expect(status).toBe(200);
  const about = {
    status: "success",
    backend: "http://127.0.0.1:9/v1",
    model: "m",
    latency_ms: expect.any(Number),
  };
  const variables = ["SMALL_MODEL", "MIDDLE_MODEL", "BIG_MODEL"];
  expect(body).toEqual({ ...about, models: [{ ...about, variables }] });
  expect(sent[0]?.body).toContain('"max_tokens":16');
});

test("each configured model is asked once, and the first that fails decides", async () => {
  const models = { big: "b", middle: "m", small: "s" };
  const config = { models, media: { visionModel: "b" } };
  const { status, body, sent } = await answer([good, failing(404), good], config);
  expect(sent).toHaveLength(3);
  expect(status).toBe(404);
  expect(body).toMatchObject({
    status: "failed",
    model: "m",
    what_to_do: expect.stringContaining("Check MIDDLE_MODEL"),
    models: [
      { model: "s", status: "success" },
      { model: "m", status: "failed" },
      { model: "b", status: "success", variables: ["BIG_MODEL", "VISION_MODEL"] },
    ],
  });
});

test.each([
  [401, /OPENAI_API_KEY/],
  [402, /credit/],
  [404, /SMALL_MODEL/],
  [429, /limits requests/],
] as const)("a %d of the backend comes with advice", async (code, advice) => {
  const { status, body } = await answer([failing(code)]);
  expect(status).toBe(code);
  expect(body).toMatchObject({
    status: "failed",
    error: expect.any(String),
    what_to_do: expect.stringMatching(advice),
  });
});

test("so does a backend that cannot be reached, or that answers something else", async () => {
  const refused = new ProxyError("unreachable", "The connection was refused");
  expect((await answer([refused])).body).toMatchObject({
    what_to_do: expect.stringContaining("OPENAI_BASE_URL"),
  });
  const misdirected = new ProxyError("wrong-address", "Cannot find the API");
  expect((await answer([misdirected])).body).toMatchObject({
    what_to_do: "Check OPENAI_BASE_URL: something other than the API answers there",
  });
  expect((await answer([{ pieces: ["Hello"] }])).body).toMatchObject({ status: "failed" });
});
