/** Where the backend is and how to talk to it; made once from the configuration. */
import {
  type BackendAddress,
  chooseQuirks,
  completeAddress,
  findNativeApi,
  isNativeAddress,
  isUsualPath,
  versionedPath,
} from "../catalog/choose-quirks.ts";
import { type ConvertedProtocol, changeQuirks, type ProtocolName, type Quirks } from "../catalog/quirks.ts";
import { type BackendConfig, type BackendSettings, nameSettings } from "../config/list-backends.ts";
import { isNearby } from "../lib/host.ts";
import { userAgent } from "../version.ts";

export type Backend = {
  /** As in the configuration; the one that needs no route is `default`. */
  readonly id: string;
  /** Host and port, for display. */
  readonly name: string;
  /** What sets its address and its keys, for display. */
  readonly settings: BackendSettings;
  /** Where the requests of each protocol go. `{deployment}` stands for the model; Azure's URLs may contain it. */
  readonly urls: Readonly<Record<ConvertedProtocol, string>>;
  /** The same for Anthropic's own format, if it is spoken there. */
  readonly messagesUrl?: string;
  /** The protocol that the operator wants; otherwise the model decides. */
  readonly protocol: ProtocolName | undefined;
  readonly modelsUrl: string;
  /** What its quirks were chosen by. */
  readonly address: BackendAddress;
  /** Until the server says what it is. */
  readonly quirks: Quirks;
  /** Those of Anthropic's own format. */
  readonly nativeQuirks: Quirks;
  /** Each client's own key or login goes there. The headers below have none. */
  readonly takesCallersKey: boolean;
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
  const native = findNativeApi(address);
  const protocol = config.protocol ?? protocolOf(config);
  const speaks =
    protocol === "anthropic"
      ? { keyHeader: native?.keyHeader ?? "authorization", headers: { "anthropic-version": "2023-06-01" } }
      : { keyHeader: keyHeaders[quirks.request.auth], headers: quirks.request.headers };
  const headersWith = (key: string): Record<string, string> => ({
    "user-agent": userAgent,
    ...speaks.headers,
    ...(config.takesCallersKey ? {} : writeKey(speaks.keyHeader, key)),
    ...lowerCased(config.customHeaders),
  });
  const headers = headersWith(config.apiKey);
  return {
    id: config.id,
    name: new URL(config.baseUrl).host,
    settings: nameSettings(config.id),
    ...backendUrls(completeAddress(address), config.azureApiVersion),
    ...(protocol === "anthropic" && nativeUrls(address, native?.path)),
    protocol,
    address,
    quirks,
    nativeQuirks: changeQuirks(quirks, {
      native: native?.quirks ?? {},
      web: { search: "server-tool", fetch: true },
    }),
    takesCallersKey: config.takesCallersKey,
    headers,
    keyHeaders: [headers, ...config.spareKeys.map(headersWith)],
    maxConcurrent: config.maxConcurrent,
    firstTokenMs: config.firstTokenTimeout === undefined ? undefined : config.firstTokenTimeout * 1000,
    ...chooseSilence(config),
  };
}

const keyHeaders = { bearer: "authorization", "api-key": "api-key" } as const satisfies Readonly<
  Record<Quirks["request"]["auth"], string>
>;

function writeKey(header: string, key: string): Record<string, string> {
  return { [header]: header === "authorization" ? `Bearer ${key}` : key };
}

/** The protocol of an address that has only one. */
function protocolOf({ baseUrl, azureApiVersion }: BackendConfig): ProtocolName | undefined {
  if (isNativeAddress(baseUrl)) return "anthropic";
  // It names the deployment, which requests of other protocols name in their bodies.
  return azureApiVersion !== undefined && baseUrl.includes("/deployments/") ? "chat" : undefined;
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

/** @param path what stands before `/v1/messages` at this backend, if it is known */
function nativeUrls(
  address: BackendAddress,
  path: string | undefined,
): Pick<Backend, "messagesUrl" | "modelsUrl"> {
  const { origin, pathname, search } = new URL(address.baseUrl);
  const given = pathname.replace(/\/+$/, "").replace(/\/messages$/, "");
  // The address of its other API says no more than the host.
  const base = path !== undefined && isUsualPath(address, given) ? path : given;
  const root = `${origin}${/\/v\d+$/.test(base) ? base : `${base}/v1`}`;
  return { messagesUrl: `${root}/messages${search}`, modelsUrl: `${root}/models${search}` };
}

/** So that the operator's `Authorization` replaces ours instead of being combined with it. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The URL for requests to a model. */
export function requestUrl(backend: Backend, protocol: ConvertedProtocol, model: string): string {
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
