import { expect, test } from "bun:test";
import { type MessagesRequest, messagesRequest } from "../../src/anthropic/wire.ts";
import { createCatalogue } from "../../src/catalog/models.ts";
import { preparePlan, readPdfs } from "../../src/journey/prepare-plan.ts";
import type { PdfReading } from "../../src/lib/read-pdf.ts";
import { createBackend } from "../../src/plan/backend.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing } from "../../src/upstream/attempt/healing.ts";
import { ask, testConfig } from "../support/proxy.ts";

const page = "word ".repeat(10_000);
const reading: PdfReading = { kind: "text", title: undefined, pageCount: 1, pages: [page] };

function stage(name: "generic" | "openai", content: unknown) {
  const config = testConfig({ backend: { name } });
  const catalogue = createCatalogue();
  catalogue.replace([{ id: "big-model", contextWindow: 50_000 }], 0);
  const backend = createBackend(config.backend);
  const context = { config, backend, catalogue, tokens: createTokenCounter(), sessionId: undefined };
  const preparation = {
    context,
    compressor: { compress: async (request: MessagesRequest) => request },
    pdfs: { read: async () => reading, known: () => undefined },
    healing: createHealing(createLog("ERROR", () => {})),
    note() {},
  };
  const body = ask({ max_tokens: 100_000, messages: [{ role: "user", content }] });
  return { plan: makePlan(messagesRequest.parse(body), context), preparation };
}

const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } };

test("a plan without PDFs, or for a backend that takes them, is not changed", async () => {
  for (const { plan, preparation } of [stage("generic", "Hello"), stage("openai", [pdf])])
    expect(await preparePlan(plan, preparation)).toBe(plan);
});

test("a PDF's text counts towards the prompt and leaves less for the answer", async () => {
  const { plan, preparation } = stage("generic", [pdf]);
  const prepared = await preparePlan(plan, preparation);
  expect(JSON.stringify(prepared.request)).toContain(page);
  expect(prepared.promptTokens).toBeGreaterThan(8000);
  expect(prepared.maxTokens).toBeLessThan(plan.maxTokens);
});

test("a backend that has refused PDFs gets their text", async () => {
  const { plan, preparation } = stage("openai", [pdf]);
  expect(JSON.stringify((await readPdfs(plan, preparation))?.request)).toContain(page);
  preparation.healing.learnRefusedPdfs(plan);
  expect(JSON.stringify((await preparePlan(plan, preparation)).request)).toContain(page);
  const wordy = stage("openai", "Hello");
  expect(await readPdfs(wordy.plan, wordy.preparation)).toBeUndefined();
});
