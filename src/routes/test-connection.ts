/** Sends one tiny request to the backend, so that a user can check the key, the address and the model. */

import { messagesRequest } from "../anthropic/wire.ts";
import { statusOf } from "../anthropic/write-error.ts";
import { type ErrorKind, ProxyError } from "../errors.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import { chooseTarget } from "../plan/choose-target.ts";
import { familyOf } from "../plan/map-model.ts";
import { makePlan } from "../plan/plan.ts";
import { readReply } from "../upstream/read-reply.ts";

/** Some hosts refuse a smaller limit. A reasoning model may spend it all, which still proves the connection. */
const probeTokens = 16;

export async function answerTestConnection(context: RequestContext, services: Services): Promise<Response> {
  const request = messagesRequest.parse({
    model: familyOf.small,
    max_tokens: probeTokens,
    messages: [{ role: "user", content: "Say hello" }],
  });
  const plan = makePlan(request, chooseTarget(request, services), { ...services, sessionId: undefined });
  const started = performance.now();
  const about = { backend: services.config.backend.baseUrl, model: plan.model };
  const endWait = context.keepOpen();
  try {
    for await (const facts of readReply(plan, services, context.request.signal, () => {})) {
      for (const fact of facts) if (fact.type === "failure") throw fact.error;
    }
    const latency = Math.round(performance.now() - started);
    return Response.json({ status: "success", ...about, latency_ms: latency });
  } catch (thrown) {
    if (!(thrown instanceof ProxyError)) throw thrown;
    return Response.json(
      { status: "failed", ...about, error: thrown.message, what_to_do: advice[thrown.kind] ?? otherAdvice },
      { status: statusOf(thrown) },
    );
  } finally {
    endWait();
  }
}

const otherAdvice = "See the backend's own words above";

const advice: Partial<Record<ErrorKind, string>> = {
  authentication: "Check OPENAI_API_KEY: the backend does not accept it",
  permission: "Check what OPENAI_API_KEY may use at the backend",
  billing: "Add credit at the backend, or choose a free model in SMALL_MODEL",
  "not-found": "Check SMALL_MODEL and OPENAI_BASE_URL: the backend does not know this model or address",
  "rate-limit": "The connection works; the backend limits requests. Try again later",
  overloaded: "The connection works; the backend is overloaded or still loading. Try again later",
  timeout: "The backend is silent: check OPENAI_BASE_URL, or raise REQUEST_TIMEOUT",
  unreachable: "Check OPENAI_BASE_URL, and that the server runs and can be reached from here",
};
