import { expect, test } from "bun:test";
import { forgetMessages } from "../../src/plan/forget-messages.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

test("only the messages, the system prompt and the body are forgotten", () => {
  const plan = planFor(ask({ system: "Be brief", stream: true, stop_sequences: ["x"], tools: [] }));
  const original = { bytes: Buffer.from("{}"), attachments: [] };
  expect(forgetMessages({ ...plan, original })).toEqual({
    ...plan,
    request: { ...plan.request, messages: [], system: undefined },
    original: undefined,
  });
  expect(plan.request.messages).toHaveLength(1);
});
