import { describe, expect, test } from "bun:test";
import { type MessagesRequest, messagesRequest } from "../../src/anthropic/wire.ts";
import { openReply } from "../../src/journey/open-reply.ts";
import { preparePlan } from "../../src/journey/prepare-plan.ts";
import type { PdfReading } from "../../src/lib/read-pdf.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { readAll } from "../../src/reply.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing } from "../../src/upstream/attempt/remember-corrections.ts";
import { contentChunk, encodeChunk } from "../support/fake-replies.ts";
import { createFakeSender, type FakeAnswer } from "../support/fake-sender.ts";
import { ask, testConfig } from "../support/proxy.ts";
import { servicesFor } from "../support/services.ts";

const reading: PdfReading = {
  kind: "text",
  title: undefined,
  pageCount: 1,
  pages: [{ text: "Buy nails", isPicture: false }],
};
const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } };
const withPdf = { messages: [{ role: "user", content: [pdf] }] };

const finish = encodeChunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const good: FakeAnswer = { pieces: [encodeChunk(contentChunk("Read.")), finish] };
const refuse = (message: string): FakeAnswer => ({
  status: 400,
  headers: { "content-type": "application/json" },
  pieces: [JSON.stringify({ error: { message } })],
});
const unsupported = refuse("Invalid content part type: file");

/** Opens a reply for a backend that accepts PDFs, and reads it to its end. */
async function open(body: Record<string, unknown>, ...answers: FakeAnswer[]) {
  const config = testConfig({ backend: { name: "openai" } });
  const sender = createFakeSender(...answers);
  const notes: string[] = [];
  const options = {
    ...servicesFor([]),
    ...createRouting(config),
    tokens: createTokenCounter(),
    sessionId: undefined,
    compressor: { compress: async (request: MessagesRequest) => request },
    pdfs: { readPictures: async () => new Map(), read: async () => reading },
    healing: createHealing(createLog("ERROR", () => {})),
    note: (words: string) => void notes.push(words),
    sender,
    pace: { firstRetryDelay: 1, maxRetryDelay: 0 },
    signal: new AbortController().signal,
  };
  const plan = await preparePlan(messagesRequest.parse(ask(body)), options);
  const opened = await openReply(plan, options);
  const facts = (await Array.fromAsync(readAll(opened))).flat();
  const { media } = options.healing;
  return {
    plan,
    opened,
    facts,
    kinds: facts.map(({ type }) => type),
    sent: sender.requests,
    notes,
    isLearned: media.refusesPdfs(plan),
    media: media.refusedImages(plan),
  };
}

test("max_tokens 0 asks the backend nothing", async () => {
  const { kinds, sent } = await open({ max_tokens: 0 }, good);
  expect(kinds).toEqual(["usage", "finish"]);
  expect(sent).toEqual([]);
});

test("a reply answers the plan that it was opened for", async () => {
  const { opened, plan, kinds, sent } = await open(withPdf, good);
  expect(kinds).toEqual(["text-delta", "finish"]);
  expect(opened.plan).toBe(plan);
  expect(sent).toHaveLength(1);
});

test("of a stream, only what is learned from is kept", async () => {
  const { opened } = await open({ stream: true }, good);
  expect(opened.plan).toMatchObject({ prompt: { model: expect.any(String) } });
  expect(opened.plan).not.toHaveProperty("request");
});

describe("a backend that refuses PDFs", () => {
  test("is sent their text, and the reply answers that plan", async () => {
    const { opened, plan, kinds, sent, notes, isLearned } = await open(withPdf, unsupported, good);
    expect(kinds).toEqual(["text-delta", "finish"]);
    expect(sent[1]?.body).toContain("Buy nails");
    expect(opened.plan).not.toBe(plan);
    expect(JSON.stringify(opened.plan)).toContain("Buy nails");
    expect(notes).toEqual(["sent PDFs as text, because the backend refused them"]);
    expect(isLearned).toBe(true);
  });

  test("is offered the next one, if it could only not read this one", async () => {
    const { kinds, isLearned } = await open(withPdf, refuse("Invalid PDF: cannot be parsed"), good);
    expect(kinds).toEqual(["text-delta", "finish"]);
    expect(isLearned).toBe(false);
  });

  test("is offered the next one, if their text did not help", async () => {
    const { kinds, sent, isLearned } = await open(withPdf, unsupported);
    expect(kinds).toEqual(["failure"]);
    expect(sent).toHaveLength(2);
    expect(isLearned).toBe(false);
  });

  test("is not asked again if there was none", async () => {
    const { kinds, sent } = await open({}, unsupported);
    expect(kinds).toEqual(["failure"]);
    expect(sent).toHaveLength(1);
  });

  test("is not asked again once the client has seen something", async () => {
    const broken = encodeChunk({ error: { message: "This model does not support PDFs" } });
    const late: FakeAnswer = { pieces: [encodeChunk(contentChunk("I")) + broken] };
    const { kinds, sent } = await open(withPdf, late);
    expect(kinds).toEqual(["text-delta", "failure"]);
    expect(sent).toHaveLength(1);
  });
});

describe("a backend that refuses images", () => {
  const image = (mark: number, end = "IEND") => {
    const bytes = Buffer.alloc(60, mark);
    Buffer.from("89504e470d0a1a0a0000000d494844520000006400000064", "hex").copy(bytes);
    bytes.write(end, 52, "latin1");
    const data = bytes.toString("base64");
    return { type: "image", source: { type: "base64", media_type: "image/png", data } };
  };
  const turn = (...content: object[]) => ({ role: "user", content });
  const answer = { role: "assistant", content: "I see" };
  const older = { messages: [turn(image(1)), answer, turn(image(2), image(3))] };
  const sentImages = (body: string | undefined) => body?.match(/data:image\/png/g)?.length ?? 0;
  const imageRefusal = "Unable to process input image. Please retry or report";

  test("because the model sees none gets notes, now and later", async () => {
    const refusal = refuse("image input is not supported");
    const { kinds, sent, notes, media } = await open(older, refusal, good);
    expect(kinds).toEqual(["text-delta", "finish"]);
    expect(sent.map(({ body }) => sentImages(String(body)))).toEqual([3, 0]);
    expect(sent[1]?.body).toContain("this model cannot see images");
    expect(notes.join()).toStartWith("left out images, because the model cannot see them; VISION_MODEL");
    expect(media.all).toBe(true);
  });

  test("because one is broken gets the others", async () => {
    const { kinds, sent, media } = await open(
      { messages: [turn(image(1, "gone")), answer, turn(image(2))] },
      refuse(imageRefusal),
      good,
    );
    expect(kinds).toEqual(["text-delta", "finish"]);
    expect(sent.map(({ body }) => sentImages(String(body)))).toEqual([2, 1]);
    expect(String(sent[1]?.body)).toContain("it could not be read");
    expect(media.all).toBe(false);
    expect(media.has).toBeFunction();
  });

  test("gets the older ones, and then none, if it is unknown which one is broken", async () => {
    const refusal = refuse("Provided image is not valid");
    const { kinds, sent } = await open(older, refusal, refusal, good);
    expect(kinds).toEqual(["text-delta", "finish"]);
    expect(sent.map(({ body }) => sentImages(String(body)))).toEqual([3, 1, 0]);
  });

  test("gets as many as it takes", async () => {
    const refusal = refuse("At most 2 image(s) may be provided in one request.");
    const { kinds, sent, media } = await open(older, refusal, good);
    expect(kinds).toEqual(["text-delta", "finish"]);
    expect(sent.map(({ body }) => sentImages(String(body)))).toEqual([3, 2]);
    expect(media.max).toBe(2);
  });

  test("in words that say nothing is asked once more without the newest", async () => {
    const { kinds, sent } = await open(older, refuse("Request contains an invalid argument."), good);
    expect(kinds).toEqual(["text-delta", "finish"]);
    expect(sent.map(({ body }) => sentImages(String(body)))).toEqual([3, 1]);
  });

  test("is not asked again if there are none", async () => {
    const { kinds, sent } = await open({}, refuse(imageRefusal));
    expect(kinds).toEqual(["failure"]);
    expect(sent).toHaveLength(1);
  });

  test("whatever it gets is left to the client, which removes them, and nothing is learned", async () => {
    const { facts, sent, media } = await open(older, refuse("image input is not supported"));
    expect(facts.at(-1)).toMatchObject({ error: { message: "capability_rejected: image_block" } });
    expect(sent).toHaveLength(2);
    expect(media.all).toBe(false);
  });
});
