import { describe, expect, test } from "bun:test";
import { type MessagesRequest, messagesRequest } from "../../src/anthropic/wire.ts";
import { createCatalog } from "../../src/catalog/models.ts";
import { openReply } from "../../src/journey/open-reply.ts";
import { preparePlan } from "../../src/journey/prepare-plan.ts";
import type { PdfReading } from "../../src/lib/read-pdf.ts";
import { createBackend } from "../../src/plan/create-backend.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing } from "../../src/upstream/attempt/remember-corrections.ts";
import { contentChunk, encodeChunk } from "../support/fake-replies.ts";
import { createFakeSender, type FakeAnswer } from "../support/fake-sender.ts";
import { ask, testConfig } from "../support/proxy.ts";

const reading: PdfReading = { kind: "text", title: undefined, pageCount: 1, pages: ["Buy nails"] };
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
    config,
    backend: createBackend(config.backend),
    catalog: createCatalog(),
    tokens: createTokenCounter(),
    sessionId: undefined,
    compressor: { compress: async (request: MessagesRequest) => request },
    pdfs: { read: async () => reading },
    healing: createHealing(createLog("ERROR", () => {})),
    note: (words: string) => void notes.push(words),
    sender,
    pace: { retryAfter: 1, maxRetryDelay: 0 },
    signal: new AbortController().signal,
  };
  const plan = await preparePlan(messagesRequest.parse(ask(body)), options);
  const opened = openReply(plan, options);
  const facts = (await Array.fromAsync(opened.reply)).flat();
  const isLearned = options.healing.refusesPdfs(plan);
  return { plan, opened, kinds: facts.map(({ type }) => type), sent: sender.requests, notes, isLearned };
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

describe("a backend that refuses PDFs", () => {
  test("is sent their text, and the reply answers that plan", async () => {
    const { opened, plan, kinds, sent, notes, isLearned } = await open(withPdf, unsupported, good);
    expect(kinds).toEqual(["text-delta", "finish"]);
    expect(sent[1]?.body).toContain("Buy nails");
    expect(opened.plan).not.toBe(plan);
    expect(JSON.stringify(opened.plan.request)).toContain("Buy nails");
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
