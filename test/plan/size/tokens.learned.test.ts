/** How close the estimate of each turn comes to what a backend with a rule of its own reports in the end. */
import { describe, expect, test } from "bun:test";
import { createTokenCounter } from "../../../src/plan/size/tokens.ts";
import { openaiChat } from "../../../src/upstream/openai-chat/protocol.ts";
import {
  type CountingRule,
  countingRules,
  countPrompt,
  createConversation,
} from "../../support/counting-backend.ts";
import { learn, planFor } from "../../support/plans.ts";

/** The relative error of the estimate that `message_start` would carry, turn by turn. */
async function errorsOf(rule: CountingRule, requests: readonly object[]): Promise<number[]> {
  const counter = createTokenCounter();
  const errors: number[] = [];
  for (const request of requests) {
    const plan = planFor(request, { model: "mystery" });
    const truth = countPrompt(JSON.parse(String(openaiChat.writeRequest(plan, []).body)), rule);
    errors.push(Math.abs(counter.estimate(plan).tokens / truth - 1));
    const usage = { inputTokens: truth, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 };
    await learn(counter, plan, usage);
  }
  return errors;
}

describe("the estimate is within 3 % from the second turn on", () => {
  for (const rule of countingRules) {
    test(rule.name, async () => {
      const errors = await errorsOf(rule, createConversation("m"));
      expect(errors).toHaveLength(5);
      for (const error of errors.slice(1)) expect(error).toBeLessThan(0.03);
    });

    // One report does not show how much of it was the image.
    test(`${rule.name}: with a picture of unknown cost, from the third turn on`, async () => {
      const errors = await errorsOf(rule, createConversation("m", { hasPicture: true }));
      for (const error of errors.slice(2)) expect(error).toBeLessThan(0.03);
    });
  }
});
