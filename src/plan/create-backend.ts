/** Where the backend is and how to talk to it; made once from the configuration. */

import {
  type BackendAddress,
  chooseQuirks,
  completeAddress,
  versionedPath,
} from "../catalog/choose-quirks.ts";
import type { ProtocolName, Quirks } from "../catalog/quirks.ts";
import type { BackendConfig } from "../config/list-backends.ts";
import { isNearby } from "../lib/host.ts";
import { userAgent } from "../version.ts";

export type Backend = {
  /** As in the configuration; the one that needs no route is `default`. */
  readonly id: string;
  /** Host and port, for display. */
  readonly name: string;
  /** Where the requests of each protocol go. `{deployment}` stands for the model; Azure's URLs may contain it. */
  readonly urls: Readonly<Record<ProtocolName, string>>;
  /** The protocol that the operator wants; otherwise the model decides. */
  readonly protocol: ProtocolName | undefined;
  readonly modelsUrl: string;
  /** What its quirks were chosen by. */
  readonly address: BackendAddress;
  /** Until the server says what it is. */
  readonly quirks: Quirks;
  /** Authentication and the operator's own headers. Secret: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same with each of its keys; the first are `headers`. */
  readonly keyHeaders: readonly Readonly<Record<string, string>>[];
  /** How many requests it answers at once; undefined for any number. */
  readonly maxConcurrent: number | undefined;
  /** How long it may take to the first token where another place could answer, ms. */
  readonly firstTokenMs: number | undefined;
  /** Longest silence once the model has begun to answer, ms. */
  readonly silenceMs: number;
  /** Longest silence before that, ms. */
  readonly firstSilenceMs: number;
};

export function createBackend(config: BackendConfig): Backend {
  const address = {
    baseUrl: config.baseUrl,
    hasApiVersion: config.azureApiVersion !== undefined,
    name: config.name,
  };
  const quirks = chooseQuirks(address);
  const headersWith = (key: string): Record<string, string> => ({
    "user-agent": userAgent,
    ...quirks.request.headers,
    ...(quirks.request.auth === "api-key" ? { "api-key": key } : { authorization: `Bearer ${key}` }),
    ...lowerCased(config.customHeaders),
  });
  return {
    id: config.id,
    name: new URL(config.baseUrl).host,
    ...backendUrls(completeAddress(address), config.azureApiVersion),
    protocol: config.protocol,
    address,
    quirks,
    headers: headersWith(config.apiKey),
    keyHeaders: [config.apiKey, ...config.spareKeys].map(headersWith),
    maxConcurrent: config.maxConcurrent,
    firstTokenMs: config.firstTokenTimeout === undefined ? undefined : config.firstTokenTimeout * 1000,
    ...chooseSilence(config),
  };
}

/**
 * A model may think for minutes before its first word, and a local server may read a long prompt for minutes or keep
 * the request waiting until another has ended. Claude Code waits ten minutes.
 */
function chooseSilence({ baseUrl, requestTimeout }: BackendConfig) {
  const seconds =
    requestTimeout === undefined
      ? { first: isNearby(new URL(baseUrl).hostname) ? 600 : 300, next: 90 }
      : { first: requestTimeout, next: requestTimeout };
  return { silenceMs: seconds.next * 1000, firstSilenceMs: seconds.first * 1000 };
}

/** So that the operator's `Authorization` replaces ours instead of being combined with it. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The URL for requests to a model. */
export function requestUrl(backend: Backend, protocol: ProtocolName, model: string): string {
  return backend.urls[protocol].replace("{deployment}", encodeURIComponent(model));
}

/**
 * Azure's dated API names the deployment in the path and the version in the query; a base URL may name the deployment
 * itself. Its v1 API (`/openai/v1`) has the usual shape. Source: Azure OpenAI REST reference.
 */
function backendUrls(
  baseUrl: string,
  azureApiVersion: string | undefined,
): Pick<Backend, "urls" | "modelsUrl"> {
  const base = baseUrl.replace(/\/+$/, "").replace(/\/(chat\/completions|responses)$/, "");
  if (azureApiVersion === undefined || base.endsWith("/v1")) {
    const urls = { chat: `${base}/chat/completions`, responses: `${base}/responses` };
    return { urls, modelsUrl: `${base}/models` };
  }
  const query = `?api-version=${encodeURIComponent(azureApiVersion)}`;
  const [resource = base, deployment] = base.split("/deployments/", 2);
  const root = resource.endsWith(versionedPath) ? resource : resource + versionedPath;
  return {
    urls: {
      chat: `${root}/deployments/${deployment ?? "{deployment}"}/chat/completions${query}`,
      // Here the body names the deployment.
      responses: `${root}/responses${query}`,
    },
    modelsUrl: `${root}/models${query}`,
  };
}
