import { expect, test } from "bun:test";
import { changeQuirks } from "../../src/catalog/quirks.ts";
import { adjustPlan } from "../../src/plan/plan.ts";
import { tool } from "../support/chat-requests.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const format = { type: "json_schema", schema: { type: "object" } };
const plan = planFor(ask({ tools: [tool("Read")], tool_choice: { type: "any" }, output_config: { format } }));

test("other quirks change how a request asks for tools and JSON, and nothing else", () => {
  const quirks = changeQuirks(plan.quirks, { toolChoice: { any: "auto" }, json: { withTools: false } });
  const { toolUse, format, ...rest } = adjustPlan(plan, quirks);
  expect(toolUse).toEqual({ ...plan.toolUse, choice: { type: "auto" }, askInWords: { type: "any" } });
  expect(format?.form).toBe("none");
  expect(rest).toEqual({ ...(({ toolUse, format, ...same }) => same)(plan), quirks });
});

test("the same quirks leave the plan as it is", () => {
  expect(adjustPlan(plan, plan.quirks)).toBe(plan);
});
