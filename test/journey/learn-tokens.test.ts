import { expect, test } from "bun:test";
import { learnTokens } from "../../src/journey/learn-tokens.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const usage = { inputTokens: 60, cacheReadTokens: 30, cacheWriteTokens: 10, outputTokens: 1 };

async function learn(
  changes: Partial<Plan>,
  warning?: string | Error,
  reported: typeof usage | undefined = usage,
) {
  const lines: string[] = [];
  const learned: unknown[] = [];
  const tokens = {
    ...createTokenCounter(),
    learn: async (plan: unknown) => {
      learned.push(plan);
      if (warning instanceof Error) throw warning;
      return warning;
    },
  };
  const log = createLog("DEBUG", (line) => void lines.push(line));
  await learnTokens({ ...planFor(ask()), ...changes }, reported, { tokens, log }, "req_1");
  return { times: learned.length, lines };
}

test("a report is learned, and a warning logged with the request's id", async () => {
  expect(await learn({})).toEqual({ times: 1, lines: [] });
  expect((await learn({}, "It seems to cut prompts")).lines[0]).toMatch(/WARNING .*cut prompts.* id=req_1/);
});

test("a report that counts something else is not learned", async () => {
  expect((await learn({ hardWindow: 99 })).times).toBe(0);
  expect((await learn({ hardWindow: 100 })).times).toBe(1);
  const searched = planFor(ask({ tools: [{ type: "web_search_20250305", name: "web_search" }] }), {
    backend: "openrouter",
  });
  expect((await learn(searched)).times).toBe(0);
});

test("a failure in learning is logged", async () => {
  expect((await learn({}, new Error("broken"))).lines[0]).toMatch(/ERROR .*id=req_1/);
});
