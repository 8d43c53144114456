/** Asks a backend for the tokens of a prompt, where it takes the client's own request and counts it. */
import { isObject, type JsonObject, parseJson } from "../lib/json.ts";
import type { StopSignal } from "../lib/stop.ts";
import type { Plan } from "../plan/plan.ts";
import { anthropicMessages } from "./anthropic-messages/protocol.ts";
import type { Healing } from "./attempt/remember-corrections.ts";
import type { Correction } from "./corrections.ts";
import type { Sender } from "./transport/send.ts";

/** How long a count may take, ms: an estimate costs nothing. */
const withinMs = 20_000;
/** Bytes of an answer. */
const limitBytes = 64 * 1024;

const uncounted: Correction = {
  change: "adopt",
  path: "/count_tokens",
  to: "an estimate",
  quirks: { native: { countsTokens: false } },
};

/**
 * The backend's answer; undefined if it does not count, or not now.
 * @throws ProxyError if it refuses the request
 */
export async function countAtBackend(
  plan: Plan,
  { sender, healing }: { readonly sender: Sender; readonly healing: Pick<Healing, "learned" | "learn"> },
  signal: StopSignal,
): Promise<JsonObject | undefined> {
  if (plan.protocol !== "anthropic" || !plan.quirks.native.countsTokens) return undefined;
  const written = anthropicMessages.writeRequest(plan, healing.learned(plan));
  const request = {
    method: "POST",
    url: plan.url.replace(/\/messages(?=$|\?)/, "/messages/count_tokens"),
    headers: { ...plan.backend.headers, ...written.headers, "content-type": "application/json" },
    body: written.body,
    asked: plan.request,
    silenceMs: withinMs,
    signal,
  } as const;
  const answer = await sender.send(request).catch(() => undefined);
  if (!answer) return undefined;
  const { status, headers } = answer;
  const body = await answer.text(limitBytes).catch(() => "");
  const counted = parseJson(body);
  if (status === 200 && isObject(counted) && typeof counted.input_tokens === "number") return counted;
  if (refusals.has(status)) throw anthropicMessages.readError(status, headers, body, plan);
  // The endpoint is missing, or something else answers there.
  if (status === 200 || status === 404 || status === 405 || status === 501) healing.learn(plan, [uncounted]);
  return undefined;
}

/** What is wrong with the request, or with the key, will be wrong with the message too. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 413]);
