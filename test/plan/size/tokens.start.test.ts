import { expect, test } from "bun:test";
import { join } from "node:path";

/** Reports of a short and of a long prompt, in a process in which nothing has been counted yet. */
const script = `
import { countNow } from "./src/lib/tokenizer.ts";
import { createTokenCounter } from "./src/plan/size/tokens.ts";
import { learn, planFor } from "./test/support/plans.ts";
const usage = { inputTokens: 500, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 };
const counter = createTokenCounter();
for (const words of [300, 3000]) {
  const messages = [{ role: "user", content: "word ".repeat(words) }];
  const plan = planFor({ model: "m", max_tokens: 9, messages }, { backend: "openai", model: "gpt-5.4" });
  await learn(counter, plan, usage);
  console.log(counter.estimate(plan).tokens, countNow("word", "o200k"));
}`;

test("the report of a short prompt is learned without a vocabulary, which the first long one loads", () => {
  const cwd = join(import.meta.dir, "../../..");
  const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", script], { cwd });
  expect(stderr.toString()).toBe("");
  const [short, long] = stdout.toString().trim().split("\n");
  expect(short).toBe("500 undefined");
  expect(long).toMatch(/^\d+ 1$/);
});
