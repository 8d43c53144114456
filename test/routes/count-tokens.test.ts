import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { createPdfTexts } from "../../src/adapt/documents/pdf-texts.ts";
import { createKnownParts } from "../../src/anthropic/known-parts.ts";
import { ProxyError } from "../../src/errors.ts";
import { defaultPace } from "../../src/journey/services.ts";
import { createBudget } from "../../src/lib/budget.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
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
      ...createRouting(config),
      tokens: createTokenCounter(),
      pdfs: createPdfTexts(),
      compressor: { foresee: async (request) => request },
      pace: defaultPace,
      healing: createHealing(createLog("ERROR", () => {})),
      bodies: createBudget(1_000_000),
      parts: createKnownParts(1_000_000),
      sender: { send: () => Promise.reject(new Error("Nobody is asked")) },
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

  test("counts what is sent, and what it was before the client's edits", async () => {
    const call = { type: "tool_use", id: "toolu_1", name: "read", input: {} };
    const result = { type: "tool_result", tool_use_id: "toolu_1", content: "word ".repeat(500) };
    const messages = [
      { role: "user", content: "Read it" },
      { role: "assistant", content: [call] },
      { role: "user", content: [result] },
    ];
    const none = { type: "tool_uses", value: 0 };
    const edits = [{ type: "clear_tool_uses_20250919", trigger: none, keep: none }];
    const counted = async (more: object) => {
      const response = await post(JSON.stringify({ model: "m", messages, ...more }));
      const context_management = z.object({ original_input_tokens: z.number() }).optional();
      return z.strictObject({ input_tokens: z.number(), context_management }).parse(await response.json());
    };
    const whole = await counted({});
    expect(whole.context_management).toBeUndefined();
    const cleared = await counted({ context_management: { edits } });
    expect(cleared.context_management?.original_input_tokens).toBe(whole.input_tokens);
    expect(cleared.input_tokens).toBeLessThan(whole.input_tokens - 400);
  });

  for (const body of ["", "{", "[]", '{"model":"m"}', '{"model":"m","messages":[]}']) {
    test(`${body || "an empty body"} is refused`, async () => {
      await expect(post(body)).rejects.toThrow(ProxyError);
    });
  }
});
