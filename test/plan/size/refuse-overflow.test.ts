import { describe, expect, test } from "bun:test";
import { ProxyError } from "../../../src/errors.ts";
import { refuseOverflow } from "../../../src/plan/size/refuse-overflow.ts";

describe("refuseOverflow", () => {
  const plan = { size: () => ({ minTokens: 205_000 }), hardWindow: 200_000, fallbackModels: [] };
  const counted = async () => ({ tokens: 250_000, minTokens: 210_000 });

  test("refuses a prompt that surely exceeds the window, in Anthropic's words", async () => {
    const thrown = await refuseOverflow(plan, counted)?.catch((error: unknown) => error);
    expect(thrown).toEqual(
      new ProxyError("prompt-too-long", "prompt is too long: 250000 tokens > 200000 maximum"),
    );
  });

  test("accepts a prompt that was overestimated", () =>
    refuseOverflow(plan, async () => ({ tokens: 190_000, minTokens: 180_000 })));

  const passing: readonly [string, object][] = [
    ["may fit after all", { size: () => ({ minTokens: 200_000 }) }],
    ["has an unknown window", { hardWindow: undefined }],
    ["has fallback models", { fallbackModels: ["wider"] }],
  ];
  for (const [name, change] of passing) {
    test(`leaves a prompt to the backend that ${name}`, () =>
      refuseOverflow({ ...plan, ...change }, counted));
  }
});
