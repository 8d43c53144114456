/**
 * Room `commands/top/`: a running proxy, seen in a terminal. Not here: `process`, and anything that the page does not
 * know either.
 *
 * Listens to what the page is told.
 */
import { createSseDecoder } from "../../lib/decode-sse.ts";
import { isObject, parseJson } from "../../lib/json.ts";
import { mergeStates } from "../../page/browser/state.ts";
import type { PageState } from "../../page/page-state.ts";
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

/**
 * The states, as they come, until the proxy ends them.
 * @throws Error, worded for the user, if it does not let us in or breaks off
 */
export async function* watchProxy({ url, key, sender, signal }: Watch): AsyncGenerator<PageState> {
  const answer = await sender.send({
    method: "GET",
    url: `${url}/page/events`,
    headers: { accept: "text/event-stream", ...(key !== undefined && { "x-api-key": key }) },
    silenceMs,
    signal,
  });
  if (answer.status !== 200) throw new Error(explain(url, answer.status, await answer.text(maxErrorBytes)));
  const decoder = createSseDecoder();
  let state: PageState | undefined;
  for (let bytes = await answer.read(); bytes; bytes = await answer.read())
    for (const { data } of decoder.push(bytes)) {
      const fresh = parseJson(data);
      if (!isState(fresh))
        throw new Error(`Cannot watch ${url}: what it says is not understood; is it of this version`);
      state = mergeStates(state, fresh);
      yield state;
    }
}

/** Enough to tell a proxy of another version, or another server. */
function isState(value: unknown): value is PageState {
  return isObject(value) && Array.isArray(value.live) && Array.isArray(value.recent) && isObject(value.today);
}

function explain(url: string, status: number, body: string): string {
  if (status === 401)
    return `Cannot watch ${url}: it wants a key; set ANTHROPIC_API_KEY to that of the proxy, or to one of CLIENT_KEYS`;
  if (status === 404) return `Cannot watch ${url}: there is another server, or an older proxy`;
  const parsed = parseJson(body);
  const error = isObject(parsed) && isObject(parsed.error) ? parsed.error.message : undefined;
  return `Cannot watch ${url}: it answers ${status}${typeof error === "string" ? `: ${error}` : ""}`;
}
