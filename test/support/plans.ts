/** Plans for tests of what happens after planning. */
import { messagesRequest } from "../../src/anthropic/wire.ts";
import type { BackendName } from "../../src/catalog/backends/known-backends.ts";
import type { ProtocolName } from "../../src/catalog/quirks.ts";
import { chooseTarget } from "../../src/plan/choose-target.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { aliasFor } from "../../src/plan/map-model.ts";
import { makePlan, type Plan } from "../../src/plan/plan.ts";
import { createTokenCounter, type TokenCounter } from "../../src/plan/size/tokens.ts";
import type { Usage } from "../../src/reply.ts";
import { testConfig } from "./proxy.ts";

export type PlanChanges = {
  readonly backend?: BackendName | undefined;
  readonly model?: string | undefined;
  readonly sessionId?: string | undefined;
  /** `by-model`: as the model's rules say. */
  readonly protocol?: ProtocolName | "by-model" | undefined;
};

/** The plan of a request's body for a backend of the given kind; `model` is the backend's name, not mapped. */
export function planFor(
  body: object,
  { backend = "generic", model, sessionId, protocol = "chat" }: PlanChanges = {},
): Plan {
  const config = testConfig({ backend: { name: backend, ...(protocol !== "by-model" && { protocol }) } });
  const request = messagesRequest.parse(body);
  const context = {
    ...createRouting(config),
    tokens: createTokenCounter(),
    sessionId,
    bodyBytes: JSON.stringify(body).length,
  };
  const named = model === undefined ? request : { ...request, model: aliasFor(model) };
  const plan = makePlan(named, chooseTarget(named, context), context);
  return { ...plan, request };
}

/** Learns from a report of the prompt's size, like an answer that has ended. */
export async function learn(counter: TokenCounter, plan: Plan, usage: Usage): Promise<string | undefined> {
  const prompt = counter.keep(plan);
  return prompt && (await counter.learn(prompt, usage));
}
