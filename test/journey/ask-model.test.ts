import { expect, test } from "bun:test";
import { askModel } from "../../src/journey/ask-model.ts";
import { contentChunk, encodeChunk, finishChunk, usageChunk } from "../support/fake-replies.ts";
import { type FakeAnswer, silence } from "../support/fake-sender.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";
import { servicesFor } from "../support/services.ts";

const question = (answer: FakeAnswer, withinMs = 60_000) =>
  askModel(planFor(ask()), { upstream: servicesFor([answer]), withinMs, act: "count sheep" });

test("the answer is the text, why it ended, and what it took", async () => {
  const pieces = [contentChunk("on"), contentChunk("e"), finishChunk("length"), usageChunk(7)].map(
    encodeChunk,
  );
  expect(await question({ pieces })).toMatchObject({
    text: "one",
    reason: "max-tokens",
    usage: { outputTokens: 7 },
  });
});

test("a failure is thrown", async () => {
  await expect(question({ status: 401, pieces: [] })).rejects.toThrow(/key/);
});

test("a model that takes too long is not waited for, and the error says what for", async () => {
  await expect(question({ pieces: [silence] }, 10)).rejects.toThrow(
    "Cannot count sheep: the model took more than 0.01 s",
  );
});
