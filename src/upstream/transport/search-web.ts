/** Asks the operator's search service. */
import {
  findMissingSetting,
  readSearchResult,
  type SearchQuestion,
  type SearchService,
  searchApis,
} from "../../catalog/search-apis.ts";
import { ProxyError, toProxyError } from "../../errors.ts";
import { isObject, parseJson } from "../../lib/json.ts";
import type { StopSignal } from "../../lib/stop.ts";
import { wait } from "../../lib/wait.ts";
import type { SearchResult } from "../../reply.ts";
import { readRetryAfter } from "../refusal/read-limits.ts";
import type { Sender } from "./send.ts";

const bodyLimitBytes = 4 * 1024 * 1024;
const silenceMs = 15_000;
/** How long a service that limits requests is left alone if it does not say, seconds. Some take one request a second. */
const usualWait = 1;
/** It is asked once more unless that is later, ms. */
const maxWaitMs = 5000;

/** @throws ProxyError when the service cannot be reached, refuses, or answers with something else */
export async function searchWeb(
  question: SearchQuestion,
  { api, key = "", baseUrl }: SearchService,
  sender: Sender,
  signal: StopSignal,
): Promise<SearchResult[]> {
  const service = searchApis[api];
  const base = baseUrl ?? service.baseUrl;
  const missing = findMissingSetting({ api, key, baseUrl });
  if (base === undefined || missing !== undefined) throw failed(`${missing} is not set`);
  const { path, body } = service.ask(question);
  const request = {
    method: body ? "POST" : "GET",
    url: base + path,
    headers: {
      accept: "application/json",
      ...(body && { "content-type": "application/json" }),
      ...service.headers(key),
    },
    ...(body && { body: JSON.stringify(body) }),
    silenceMs,
    signal,
  } as const;
  const ask = async () => {
    const answer = await sender.send(request).catch((thrown: unknown) => {
      throw failed(`${api} cannot be reached: ${reasonOf(thrown)}`);
    });
    const text = await answer.text(bodyLimitBytes);
    return { status: answer.status, headers: answer.headers, text };
  };
  let answer = await ask();
  const waitMs = 1000 * (readRetryAfter(answer.headers) ?? usualWait);
  if (answer.status === 429 && waitMs <= maxWaitMs) {
    await wait(waitMs, signal);
    answer = await ask();
  }
  if (answer.status !== 200) throw failed(`${api} answered ${answer.status}`);
  const parsed = parseJson(answer.text);
  const results = isObject(parsed) ? service.results(parsed) : undefined;
  if (!Array.isArray(results)) throw failed(`${api} sent no list of results`);
  return results.flatMap((result: unknown) => readSearchResult(api, result) ?? []);
}

/** Why nothing was reached, without the words about a backend: what it was, and what to do about it. */
function reasonOf(thrown: unknown): string {
  const { message } = toProxyError(thrown);
  return message.replace(/^[^;]*?: |;.*/gs, "");
}

function failed(reason: string): ProxyError {
  return new ProxyError("upstream", `Cannot search the web: ${reason}`);
}
