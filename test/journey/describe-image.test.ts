import { expect, test } from "bun:test";
import type { ImageBlock } from "../../src/anthropic/wire.ts";
import { chooseVisionTarget, describeImage } from "../../src/journey/describe-image.ts";
import { contentChunk, encodeChunk, finishChunk, usageChunk } from "../support/fake-replies.ts";
import type { FakeAnswer } from "../support/fake-sender.ts";
import { servicesFor } from "../support/services.ts";

const image: ImageBlock = {
  type: "image",
  source: { type: "base64", media_type: "image/png", data: "iVBORw==" },
};
const says = (words: string, reason = "stop"): FakeAnswer => ({
  pieces: [contentChunk(words), finishChunk(reason), usageChunk(7)].map(encodeChunk),
});

function describe(answer: FakeAnswer, load: () => Promise<ImageBlock | undefined> = async () => image) {
  const options = servicesFor([answer]);
  const payer = { clientName: "ann" };
  return { options, found: describeImage(load, { model: "eyes", payer, options }) };
}

test("a description is kept, and counted as a message of the proxy's own", async () => {
  const { options, found } = describe(says(" A cat. "));
  expect(await found).toEqual({ value: { description: "A cat." } });
  expect(options.lines.join()).toContain("Described an image sent=eyes");
  const [counted] = options.journal.snapshot().recent;
  expect(counted).toMatchObject({ class: "vision", client: "ann", outputTokens: 7 });
});

test("one that is cut says so", async () => {
  expect(await describe(says("A c", "length")).found).toEqual({ value: { description: "A c…" } });
});

test.each([
  ["an empty answer", says(" "), "it said nothing"],
  ["a refusal", says("", "content_filter"), "it refused"],
])("%s is a failure, which is tried again after a minute", async (_, answer, failure) => {
  expect(await describe(answer).found).toEqual({ value: { failure }, ttlMs: 60_000 });
});

test("an error is a failure in its own words, and so is an image that cannot be read", async () => {
  const broken = { value: { failure: expect.stringContaining("key") }, ttlMs: 60_000 };
  expect(await describe({ status: 401, pieces: [] }).found).toEqual(broken);
  const { found, options } = describe(says("A cat."), async () => undefined);
  expect(await found).toMatchObject({ value: { failure: "its picture cannot be read" } });
  expect(options.sender.requests).toEqual([]);
});

test("images are described where the model is", () => {
  expect(chooseVisionTarget("eyes", servicesFor([says("")])).model).toBe("eyes");
});
