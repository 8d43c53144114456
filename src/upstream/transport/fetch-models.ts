/** Keeps the catalogue fresh in the background: nobody waits for it, and a backend without `/models` costs nothing. */
import { type Catalogue, type ModelFacts, readModelList } from "../../catalog/models.ts";
import { ProxyError, toProxyError } from "../../errors.ts";
import { parseJson } from "../../lib/json.ts";
import type { Backend } from "../../plan/backend.ts";
import type { Log } from "../../telemetry/log.ts";
import type { Sender } from "./send.ts";

const freshMs = 5 * 60_000;
/** A backend that failed is asked again sooner: a local server may just be starting. */
const retryMs = 60_000;
/** The whole reading of the list may take this long. */
const patienceMs = 30_000;
const bodyLimitBytes = 16 * 1024 * 1024;

type ModelRefreshOptions = {
  readonly backend: Backend;
  readonly catalogue: Catalogue;
  readonly sender: Sender;
  readonly log: Log;
  /** Hears of each reading's end, good or bad. */
  readonly onEnd?: () => void;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
};

/**
 * Makes the refresh: each call reads the list again if it is older than five minutes and nobody is reading it yet,
 * and returns at once. What was known stays until something better comes; a failure is one debug line.
 */
export function createModelRefresh(options: ModelRefreshOptions): () => void {
  const { backend, catalogue, sender, log, onEnd = () => {}, now = Date.now } = options;
  let isReading = false;
  let failedAt = Number.NEGATIVE_INFINITY;

  return function refreshIfStale(): void {
    if (isReading || catalogue.ageMs(now()) < freshMs || now() - failedAt < retryMs) return;
    isReading = true;
    fetchModels(backend, sender)
      .then(
        (models) => {
          isReading = false;
          catalogue.replace(models, now());
          log.debug("Read the backend's model list", { models: models.length });
        },
        (thrown: unknown) => {
          isReading = false;
          failedAt = now();
          log.debug("The backend gave no model list", { error: toProxyError(thrown).message });
        },
      )
      .finally(onEnd);
  };
}

/** @throws ProxyError when there is no list */
async function fetchModels(backend: Backend, sender: Sender): Promise<ModelFacts[]> {
  const answer = await sender.send({
    method: "GET",
    url: backend.modelsUrl,
    headers: backend.headers,
    silenceMs: Math.min(backend.silenceMs, patienceMs),
    signal: AbortSignal.timeout(patienceMs),
  });
  const body = await answer.text(bodyLimitBytes);
  if (answer.status !== 200) {
    throw new ProxyError("upstream", `Cannot read the model list: the backend answered ${answer.status}`);
  }
  const models = readModelList(parseJson(body));
  if (models.length === 0)
    throw new ProxyError("upstream", "Cannot read the model list: the answer lists no models");
  return models;
}
