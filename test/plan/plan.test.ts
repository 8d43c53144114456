import { expect, test } from "bun:test";
import { messagesRequest } from "../../src/anthropic/wire.ts";
import { changeQuirks } from "../../src/catalog/quirks.ts";
import { chooseTarget } from "../../src/plan/choose-target.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { adjustPlan, makePlan } from "../../src/plan/plan.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { tool } from "../support/chat-requests.ts";
import { planFor } from "../support/plans.ts";
import { ask, testConfig } from "../support/proxy.ts";

const format = { type: "json_schema", schema: { type: "object" } };
const plan = planFor(ask({ tools: [tool("Read")], tool_choice: { type: "any" }, output_config: { format } }));

test("other quirks change how a request asks for tools and JSON, and nothing else", () => {
  const quirks = changeQuirks(plan.quirks, { toolChoice: { any: "auto" }, json: { withTools: false } });
  const { toolUse, format, ...rest } = adjustPlan(plan, quirks);
  expect(toolUse).toEqual({ ...plan.toolUse, choice: { type: "auto" }, askInWords: { type: "any" } });
  expect(format?.form).toBe("none");
  expect(rest).toEqual({ ...(({ toolUse, format, ...same }) => same)(plan), quirks });
});

test("an answer that has begun is not reasoned about where the backend refuses both", () => {
  const said = (content: unknown) => [
    { role: "user", content: "Hi" },
    { role: "assistant", content },
  ];
  const use = [{ type: "tool_use", id: "toolu_1", name: "Read", input: {} }];
  const on = (content: unknown, backend: "llamacpp" | "vllm", more: object = {}) =>
    planFor(ask({ messages: said(content), ...more }), { backend }).reasoning.on;
  expect(on("{", "llamacpp")).toBe(false);
  expect(on("{", "llamacpp", { thinking: { type: "adaptive" } })).toBe(false);
  expect(on("{", "vllm")).toBeUndefined();
  expect(on(use, "llamacpp")).toBeUndefined();
});

test("the same quirks leave the plan as it is", () => {
  expect(adjustPlan(plan, plan.quirks)).toBe(plan);
});

test("a prompt is estimated once, when its size is asked for", () => {
  let times = 0;
  const tokens = {
    estimate(...asked: Parameters<ReturnType<typeof createTokenCounter>["estimate"]>) {
      times += 1;
      return createTokenCounter().estimate(...asked);
    },
  };
  const context = { ...createRouting(testConfig()), tokens, sessionId: undefined };
  const request = messagesRequest.parse(ask());
  const target = chooseTarget(request, context);
  const plan = makePlan(request, target, context);
  expect(times).toBe(0);
  expect(plan.size().tokens).toBeGreaterThan(0);
  expect(plan.size()).toBe(plan.size());
  expect(times).toBe(1);
  // A small window may leave too little room for a long answer.
  const facts = { id: "m", contextWindow: 4096 };
  makePlan({ ...request, max_tokens: 4000 }, { ...target, facts }, context);
  expect(times).toBe(2);
});

test("a conversation is long by the bytes of its request", () => {
  const request = messagesRequest.parse(ask());
  const context = { ...createRouting(testConfig()), tokens: createTokenCounter(), sessionId: undefined };
  const isLong = (bodyBytes?: number) =>
    makePlan(request, chooseTarget(request, context), { ...context, bodyBytes }).isLong;
  expect([isLong(), isLong(500), isLong(200_000)]).toEqual([false, false, true]);
});
