/** Sends one tiny request to each configured model, so that a user can check key, address and models. */

import { messagesRequest } from "../anthropic/wire.ts";
import { statusOf } from "../anthropic/write-error.ts";
import type { BackendSettings } from "../config/list-backends.ts";
import { type ErrorKind, ProxyError } from "../errors.ts";
import { readCaller } from "../journey/read-caller.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import { chooseTarget } from "../plan/choose-target.ts";
import { aliasFor, familyOf, tiers } from "../plan/map-model.ts";
import { type ClientHeaders, makePlan, type Plan } from "../plan/plan.ts";
import { readAll } from "../reply.ts";
import { readReply } from "../upstream/read-reply.ts";

/** Some hosts refuse a smaller limit. A reasoning model may spend it all, which still proves the connection. */
const probeTokens = 16;

type Subject = {
  readonly plan: Plan;
  /** The variables that name the model. */
  readonly variables: readonly string[];
};

type Trial = {
  readonly backend: string;
  readonly model: string;
  readonly variables: readonly string[];
} & (
  | { readonly status: "success"; readonly latency_ms: number }
  | { readonly status: "failed"; readonly error: string; readonly what_to_do: string }
);

/**
 * The outcome of each model, in `models`. The other fields are those of the first that failed, which also decides the
 * status; if none did, those of the small model.
 */
export async function answerTestConnection(context: RequestContext, services: Services): Promise<Response> {
  const endWait = context.keepOpen();
  try {
    const outcomes = await Promise.all(
      listSubjects(services, readCaller(context.request.headers, context.keyHeaders)).map((subject) =>
        tryModel(subject, context.request.signal, services),
      ),
    );
    const first = outcomes.find(({ error }) => error) ?? outcomes[0];
    const { variables: _, ...shown } = first?.outcome ?? { variables: [] };
    const models = outcomes.map(({ outcome }) => outcome);
    return Response.json({ ...shown, models }, { status: first?.error ? statusOf(first.error) : 200 });
  } finally {
    endWait();
  }
}

/** Each model once, the small one first. */
function listSubjects(services: Services, caller: ClientHeaders): readonly Subject[] {
  const { visionModel } = services.config.media;
  const asked = [
    ...tiers.toReversed().map((tier) => [`${tier.toUpperCase()}_MODEL`, familyOf[tier]] as const),
    ...(visionModel === undefined ? [] : [["VISION_MODEL", aliasFor(visionModel)] as const]),
  ].map(([variable, model]) => ({ variable, plan: planFor(model, services, caller) }));
  const groups = Map.groupBy(asked, ({ plan }) => `${plan.url}\n${plan.model}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ plan: first.plan, variables: group.map(({ variable }) => variable) }] : [];
  });
}

function planFor(model: string, services: Services, caller: ClientHeaders): Plan {
  const request = messagesRequest.parse({
    model,
    max_tokens: probeTokens,
    messages: [{ role: "user", content: "Say hello" }],
  });
  return makePlan(request, chooseTarget(request, services), { ...services, sessionId: undefined, caller });
}

async function tryModel(
  { plan, variables }: Subject,
  signal: AbortSignal,
  services: Services,
): Promise<{ readonly outcome: Trial; readonly error?: ProxyError }> {
  const started = performance.now();
  const about = { backend: plan.backend.address.baseUrl, model: plan.model, variables };
  try {
    for await (const facts of readAll(readReply(plan, services, signal, () => {}))) {
      for (const fact of facts) if (fact.type === "failure") throw fact.error;
    }
    const latency = Math.round(performance.now() - started);
    return { outcome: { status: "success", ...about, latency_ms: latency } };
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    const advice =
      adviceFor(variables.join(", "), plan.backend.settings)[error.kind] ??
      "See the backend's own words above";
    return { outcome: { status: "failed", ...about, error: error.message, what_to_do: advice }, error };
  }
}

/** @param names the variables that name the model */
function adviceFor(names: string, { address, key }: BackendSettings): Partial<Record<ErrorKind, string>> {
  return {
    "wrong-address": `Check ${address}: something other than the API answers there`,
    authentication: `Check ${key}: the backend does not accept it`,
    permission: `Check what ${key} may use at the backend`,
    billing: `Add credit at the backend, or choose a free model in ${names}`,
    "not-found": `Check ${names} and ${address}: the backend does not know this model or address`,
    "rate-limit": "The connection works; the backend limits requests. Try again later",
    overloaded: "The connection works; the backend is overloaded or still loading. Try again later",
    timeout: `The backend is silent: check ${address}, or raise REQUEST_TIMEOUT`,
    unreachable: `Check ${address}, and that the server runs and can be reached from here`,
  };
}
