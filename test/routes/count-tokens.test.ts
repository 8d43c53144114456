import { describe, expect, test } from "bun:test";
import { createPdfTexts } from "../../src/adapt/documents/pdf-texts.ts";
import { createKnownParts } from "../../src/anthropic/known-parts.ts";
import { ProxyError } from "../../src/errors.ts";
import { defaultPace } from "../../src/journey/services.ts";
import { createBudget } from "../../src/lib/budget.ts";
import { createSites } from "../../src/plan/create-sites.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { answerCountTokens } from "../../src/routes/count-tokens.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing } from "../../src/upstream/attempt/remember-corrections.ts";
import { testConfig } from "../support/proxy.ts";

function post(body: string, models = {}): Promise<Response> {
  const config = testConfig({ models });
  return answerCountTokens(
    { request: new Request("http://127.0.0.1/v1/messages/count_tokens", { method: "POST", body }) },
    {
      config,
      sites: createSites(config),
      tokens: createTokenCounter(),
      pdfs: createPdfTexts(),
      compressor: { foresee: async (request) => request },
      pace: defaultPace,
      healing: createHealing(createLog("ERROR", () => {})),
      bodies: createBudget(1_000_000),
      parts: createKnownParts(1_000_000),
    },
  );
}

describe("answerCountTokens", () => {
  test("counts Claude Code's request, without max_tokens and without tools", async () => {
    const body = { model: "claude-opus-5-5", messages: [{ role: "user", content: "foo" }], tools: [] };
    const response = await post(JSON.stringify(body));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ input_tokens: expect.any(Number) });
  });

  test("accepts and ignores max_tokens and stream", async () => {
    const body = { model: "m", messages: [{ role: "user", content: "foo" }], max_tokens: 1, stream: true };
    expect((await post(JSON.stringify(body))).status).toBe(200);
  });

  test("counts for the mapped model, not for the name", async () => {
    const words = "数え方はモデルによって違います。".repeat(100);
    const body = JSON.stringify({ model: "claude-opus-5-5", messages: [{ role: "user", content: words }] });
    const inModel = async (big: string) => (await post(body, { big })).text();
    expect(await inModel("gpt-4-turbo")).not.toBe(await inModel("gpt-5.4"));
  });

  for (const body of ["", "{", "[]", '{"model":"m"}', '{"model":"m","messages":[]}']) {
    test(`${body || "an empty body"} is refused`, async () => {
      await expect(post(body)).rejects.toThrow(ProxyError);
    });
  }
});
