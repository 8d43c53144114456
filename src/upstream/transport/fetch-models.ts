/** Keeps the catalog fresh in the background. Nobody waits for it, and a backend without `/models` costs nothing. */
import { recognizeServer, type SelfDescription } from "../../catalog/choose-quirks.ts";
import { type Catalog, type ModelFacts, readModelList, readOwners } from "../../catalog/models.ts";
import { ProxyError, toProxyError } from "../../errors.ts";
import { parseJson } from "../../lib/json.ts";
import type { Backend } from "../../plan/create-backend.ts";
import { adviseAddress, suggestAddress } from "../../plan/find-likely-address.ts";
import type { Log } from "../../telemetry/log.ts";
import type { Sender } from "./send.ts";

const freshMs = 5 * 60_000;
/** After a failure, try again sooner: a local server may just be starting. */
const retryMs = 60_000;
/** Limit on the time for reading the whole list. */
const timeLimitMs = 30_000;
const bodyLimitBytes = 16 * 1024 * 1024;

type ModelRefreshOptions = {
  readonly backend: Backend;
  readonly catalog: Catalog;
  readonly sender: Sender;
  readonly log: Log;
  /** Called at the end of each reading, successful or not. */
  readonly onEnd?: (fault: ProxyError | undefined) => void;
  /** Current time in milliseconds; for tests. */
  readonly now?: () => number;
};

/**
 * Makes the refresh function. Each call returns at once, and reads the list in the background if it is older than five
 * minutes and not being read already. Old knowledge is kept until there is new; a failure is one debug line.
 */
export function createModelRefresh(options: ModelRefreshOptions): () => void {
  const { backend, catalog, sender, log, onEnd = () => {}, now = Date.now } = options;
  // There is no key of our own to ask with.
  if (backend.takesCallersKey) return () => onEnd(undefined);
  let isReading = false;
  let failedAt = Number.NEGATIVE_INFINITY;

  return function refreshIfStale(): void {
    // A clock that is set back must not keep an old list.
    const isFresh = Math.abs(catalog.ageMs(now())) < freshMs || Math.abs(now() - failedAt) < retryMs;
    if (isReading || isFresh) return;
    isReading = true;
    fetchModels(backend, sender)
      .then(
        ({ models, said }) => {
          isReading = false;
          catalog.replace(models, now(), recognizeServer(backend.address, said));
          log.debug("Read the backend's model list", { models: models.length });
          return undefined;
        },
        (thrown: unknown) => {
          isReading = false;
          failedAt = now();
          const fault = toProxyError(thrown);
          log.debug("The backend gave no model list", { error: fault.message });
          return fault;
        },
      )
      .then(onEnd, () => {});
  };
}

type ReadList = { readonly models: ModelFacts[]; readonly said: SelfDescription };

/** @throws ProxyError if there is no list */
async function fetchModels(backend: Backend, sender: Sender): Promise<ReadList> {
  const answer = await sender.send({
    method: "GET",
    url: backend.modelsUrl,
    setting: backend.settings.address,
    headers: backend.headers,
    silenceMs: Math.min(backend.silenceMs, timeLimitMs),
    signal: AbortSignal.timeout(timeLimitMs),
  });
  const body = await answer.text(bodyLimitBytes);
  if (answer.status !== 200) {
    const message = `Cannot read the model list: ${explainStatus(answer.status, backend)}`;
    throw new ProxyError("upstream", message, { upstreamStatus: answer.status });
  }
  if (/^\s*</.test(body))
    throw new ProxyError(
      "upstream",
      `Cannot read the model list: a web page answered; ${adviseAddress(backend)}`,
    );
  const list = parseJson(body);
  const models = readModelList(list);
  if (models.length === 0)
    throw new ProxyError("upstream", "Cannot read the model list: the answer lists no models");
  return { models, said: { ownedBy: readOwners(list), server: answer.headers.get("server") ?? "" } };
}

/** Whether a status says that the key may not see the list. */
export function refusesKey(status: number | undefined): boolean {
  return status === 401 || status === 403;
}

function explainStatus(status: number, backend: Backend): string {
  if (refusesKey(status)) return `the backend refuses the key (${status}); check ${backend.settings.key}`;
  // Many backends have no list at the right address.
  const advice = status === 404 ? suggestAddress(backend) : undefined;
  return `the backend answered ${status}${advice === undefined ? "" : `; ${advice}`}`;
}
