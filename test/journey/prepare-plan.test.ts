import { expect, test } from "bun:test";
import { type MessagesRequest, messagesRequest } from "../../src/anthropic/wire.ts";
import { preparePlan } from "../../src/journey/prepare-plan.ts";
import type { PdfReading } from "../../src/lib/read-pdf.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing } from "../../src/upstream/attempt/remember-corrections.ts";
import { ask, testConfig } from "../support/proxy.ts";

const page = "word ".repeat(10_000);
const reading: PdfReading = {
  kind: "text",
  title: undefined,
  pageCount: 1,
  pages: [{ text: page, isPicture: false }],
};

function stage(name: "generic" | "openai", content: unknown, more: object = {}) {
  const routing = createRouting(testConfig({ backend: { name } }));
  routing.sites.default.catalog.replace([{ id: "big-model", contextWindow: 50_000 }], 0);
  let estimates = 0;
  const counter = createTokenCounter();
  const preparation = {
    ...routing,
    tokens: {
      estimate(asked: Parameters<typeof counter.estimate>[0]) {
        estimates += 1;
        return counter.estimate(asked);
      },
    },
    sessionId: undefined,
    compressor: { compress: async (request: MessagesRequest) => ({ ...request, system: [] }) },
    pdfs: { readPictures: async () => new Map(), read: async () => reading },
    healing: createHealing(createLog("ERROR", () => {})),
    note() {},
  };
  const body = ask({
    max_tokens: 100_000,
    system: "Be brief",
    messages: [{ role: "user", content }],
    ...more,
  });
  const request = messagesRequest.parse(body);
  const prepare = () => preparePlan(request, preparation);
  return { request, preparation, prepare, estimates: () => estimates };
}

const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } };

test("messages without PDFs, or for a backend that takes them, are not changed", async () => {
  for (const { request, prepare } of [stage("generic", "Hello"), stage("openai", [pdf])])
    expect((await prepare()).request.messages).toBe(request.messages);
});

test("a PDF's text counts towards the prompt and leaves less for the answer", async () => {
  const plain = await stage("generic", "Hello").prepare();
  const prepared = await stage("generic", [pdf]).prepare();
  expect(JSON.stringify(prepared.request)).toContain(page);
  expect(prepared.size().tokens).toBeGreaterThan(8000);
  expect(prepared.maxTokens).toBeLessThan(plain.maxTokens);
});

test("what the backend refused before is not planned again", async () => {
  const format = { type: "json_schema", schema: { type: "object" } };
  const { prepare, preparation } = stage("generic", "Hello", { output_config: { format } });
  const plan = await prepare();
  expect(plan.format?.form).toBe("json_schema");
  preparation.healing.learn(plan, [{ change: "drop", path: "response_format" }]);
  expect((await prepare()).format?.form).toBe("none");
});

test("the prompt is estimated once, for what is sent", async () => {
  const { prepare, estimates } = stage("generic", [pdf]);
  const plan = await prepare();
  expect(plan.request.system).toEqual([]);
  expect(estimates()).toBe(1);
});

test("a backend that has refused PDFs gets their text", async () => {
  const { preparation, prepare } = stage("openai", [pdf]);
  preparation.healing.media.learn(await prepare(), { refuses: "pdfs" });
  expect(JSON.stringify((await prepare()).request)).toContain(page);
});

test("a model that has refused images gets notes", async () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } };
  const { preparation, prepare } = stage("openai", [image]);
  preparation.healing.media.learn(await prepare(), { refuses: "images" });
  expect(JSON.stringify((await prepare()).request.messages)).toContain("this model cannot see images");
});
