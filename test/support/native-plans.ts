/** Plans for a backend that takes Anthropic's own format. */
import { changeQuirks, type QuirkChanges } from "../../src/catalog/quirks.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planFor } from "./plans.ts";
import { ask } from "./proxy.ts";

/** @param body the client's; a text is kept as it is */
export function nativePlan(
  body: object | string = ask(),
  { native = {}, model, ...changes }: Partial<Plan> & { readonly native?: QuirkChanges["native"] } = {},
): Plan {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const plan = planFor(JSON.parse(text), { protocol: "anthropic" });
  return {
    ...plan,
    model: model ?? plan.request.model,
    quirks: changeQuirks(plan.quirks, { native }),
    original: { bytes: Buffer.from(text), attachments: [] },
    ...changes,
  };
}
