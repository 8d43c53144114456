/** Where the backend is and how it wants to be spoken to; made once from the configuration. */

import { chooseQuirks } from "../catalog/choose-quirks.ts";
import type { Quirks } from "../catalog/quirks.ts";
import type { Config } from "../config/read-config.ts";

export type Backend = {
  /** Host and port, for people to read. */
  readonly name: string;
  /** `{deployment}` stands for the model where the URL names it, as Azure's does. */
  readonly chatUrl: string;
  readonly modelsUrl: string;
  readonly quirks: Quirks;
  /** Authentication and the operator's own headers. Secret: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Longest silence before the first byte and between bytes, ms. */
  readonly silenceMs: number;
};

export function createBackend(config: Config["backend"]): Backend {
  const quirks = chooseQuirks({
    baseUrl: config.baseUrl,
    hasApiVersion: config.azureApiVersion !== undefined,
    name: config.name,
  });
  const key: Record<string, string> =
    quirks.request.auth === "api-key"
      ? { "api-key": config.apiKey }
      : { authorization: `Bearer ${config.apiKey}` };
  return {
    name: new URL(config.baseUrl).host,
    ...backendUrls(config.baseUrl, config.azureApiVersion),
    quirks,
    headers: { ...key, ...lowerCased(config.customHeaders) },
    silenceMs: config.requestTimeout * 1000,
  };
}

/** So that the operator's `Authorization` replaces ours instead of joining it. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The address that a model's requests go to. */
export function chatUrlFor(backend: Backend, model: string): string {
  return backend.chatUrl.replace("{deployment}", encodeURIComponent(model));
}

/**
 * Azure's dated API names the deployment in the path and the version in the query; a base URL may name the
 * deployment itself. Its v1 API (`/openai/v1`) is shaped like everybody else's. Source: Azure OpenAI REST reference.
 */
function backendUrls(
  baseUrl: string,
  azureApiVersion: string | undefined,
): Pick<Backend, "chatUrl" | "modelsUrl"> {
  const base = baseUrl.replace(/\/+$/, "").replace(/\/chat\/completions$/, "");
  if (azureApiVersion === undefined || base.endsWith("/v1")) {
    return { chatUrl: `${base}/chat/completions`, modelsUrl: `${base}/models` };
  }
  const query = `?api-version=${encodeURIComponent(azureApiVersion)}`;
  const [resource = base, deployment] = base.split("/deployments/", 2);
  const root = resource.endsWith("/openai") ? resource : `${resource}/openai`;
  return {
    chatUrl: `${root}/deployments/${deployment ?? "{deployment}"}/chat/completions${query}`,
    modelsUrl: `${root}/models${query}`,
  };
}
