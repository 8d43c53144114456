/**
 * Room `commands/top/`: a running proxy, seen in a terminal. Not here: `process`, and anything that the page does not
 * know either.
 *
 * Listens to what the page is told.
 */
import { z } from "zod";
import { SseDecoder } from "../../lib/decode-sse.ts";
import { isObject, parseJson } from "../../lib/json.ts";
import { showPlainly } from "../../lib/show-plainly.ts";
import { mergeStates } from "../../page/browser/state.ts";
import type { PageState } from "../../page/page-state.ts";
import { describeFault } from "../../upstream/transport/find-connection-fault.ts";
import type { Sender } from "../../upstream/transport/send.ts";

export type Watch = {
  /** Of the proxy. */
  readonly url: string;
  readonly key: string | undefined;
  readonly sender: Sender;
  readonly signal: AbortSignal;
};

/** The proxy says something at least every ten seconds. */
const silenceMs = 25_000;
const maxErrorBytes = 64 * 1024;

/** Of a message. */
const start = {
  startedAt: z.number(),
  asked: z.string(),
  model: z.string(),
  backend: z.string(),
  class: z.string().optional(),
  client: z.string().optional(),
};
const buckets = z.array(z.looseObject({ at: z.number() }));

/**
 * The states, as they come, until the proxy or the signal ends them.
 * @throws Error, worded for the user, if it does not let us in or breaks off
 */
export async function* watchProxy({ url, key, sender, signal }: Watch): AsyncGenerator<PageState> {
  const answer = await sender
    .send({
      method: "GET",
      url: `${url}/page/events`,
      headers: { accept: "text/event-stream", ...(key !== undefined && { "x-api-key": key }) },
      silenceMs,
      signal,
    })
    .catch((fault: unknown) => {
      if (signal.aborted) return undefined;
      throw new Error(`Cannot watch ${url}: ${describeFault(fault)}; give the address of a running proxy`);
    });
  if (!answer) return;
  if (answer.status !== 200) throw new Error(explain(url, answer.status, await answer.text(maxErrorBytes)));
  if (!/^text\/event-stream\b/i.test(answer.headers.get("content-type") ?? "")) {
    answer.release();
    throw new Error(`Cannot watch ${url}: the server there is not this proxy, or an older version of it`);
  }
  const decoder = new SseDecoder();
  let state: PageState | undefined;
  for (let bytes = await answer.read(); bytes; bytes = await answer.read())
    for (const { data } of decoder.push(bytes)) {
      const fresh = parseJson(data);
      if (!isState(fresh))
        throw new Error(
          `Cannot watch ${url}: its events cannot be read; use the same version of proxy and top`,
        );
      state = mergeStates(state, fresh);
      yield state;
    }
}

/** All that is shown, as it is shown: a proxy of another version, or another server, may say anything. */
const shownState = z.looseObject({
  version: z.string(),
  now: z.number(),
  startedAt: z.number(),
  isWhole: z.boolean(),
  live: z.array(z.looseObject({ ...start, firstTokenMs: z.number().optional(), chunks: z.number() })),
  recent: z.array(
    z.looseObject({
      ...start,
      id: z.string(),
      status: z.number(),
      error: z.string().optional(),
      tookMs: z.number(),
      firstTokenMs: z.number().optional(),
      inputTokens: z.number(),
      cachedTokens: z.number(),
      outputTokens: z.number(),
      costUsd: z.number().optional(),
      retries: z.number(),
      healed: z.array(z.string()),
    }),
  ),
  today: z.looseObject({
    messages: z.number(),
    failed: z.number(),
    inputTokens: z.number(),
    cachedTokens: z.number(),
    outputTokens: z.number(),
    costUsd: z.number(),
    unpriced: z.number(),
  }),
  errors: z.array(
    z.looseObject({
      count: z.number(),
      error: z.string(),
      status: z.number(),
      model: z.string(),
      backend: z.string(),
      advice: z.string(),
    }),
  ),
  minutes: buckets,
  hours: buckets,
  days: buckets,
});

function isState(value: unknown): value is PageState {
  return shownState.safeParse(value).success;
}

function explain(url: string, status: number, body: string): string {
  if (status === 401)
    return `Cannot watch ${url}: it requires a key; set ANTHROPIC_API_KEY to the proxy's key, or to one of its CLIENT_KEYS`;
  if (status === 404)
    return `Cannot watch ${url}: the server there is not this proxy, or an older version of it`;
  const parsed = parseJson(body);
  const error = isObject(parsed) && isObject(parsed.error) ? parsed.error.message : undefined;
  return `Cannot watch ${url}: it answers ${status}${typeof error === "string" ? `: ${showPlainly(error)}` : ""}`;
}
