/** Chooses the quirks of a backend and its model. Nothing after this asks which backend it is. */
import { rememberResults } from "../lib/remember-results.ts";
import { generic } from "./backends/generic.ts";
import type { KnownBackend } from "./backends/known-backend.ts";
import { type BackendName, knownBackends } from "./backends/known-backends.ts";
import { anthropicApi, anthropicHost, type NativeApi } from "./native-apis.ts";
import { type ConvertedProtocol, changeQuirks, commonQuirks, type ModelRule, type Quirks } from "./quirks.ts";
import { quirksForResponses } from "./quirks-for-responses.ts";

export type BackendAddress = {
  readonly baseUrl: string;
  readonly hasApiVersion: boolean;
  /** The operator's `BACKEND_DIALECT`. */
  readonly name: BackendName | undefined;
};

/**
 * The operator's setting comes first; then an API version, which only one kind of backend takes; then the address, its
 * host before its port.
 */
export function chooseQuirks(address: BackendAddress): Quirks {
  return quirksOf(findCertain(address) ?? findByPort(address.baseUrl) ?? generic);
}

/** What a server says of itself: in its list of models, and in the headers of that answer. */
export type SelfDescription = { readonly ownedBy: readonly string[]; readonly server: string };

/** The quirks of the backend that a server says it is, unless operator or host say what it is. */
export function recognizeServer(address: BackendAddress, said: SelfDescription): Quirks | undefined {
  if (findCertain(address)) return undefined;
  const found = knownBackends.find(({ says }: KnownBackend) => {
    const isOwner = said.ownedBy.length > 0 && said.ownedBy.every((owner) => says?.ownedBy?.test(owner));
    return isOwner || says?.server?.test(said.server) === true;
  });
  return found && quirksOf(found);
}

/**
 * The address with the path of the backend's API, if it names only a host or the beginning of that path:
 * `https://api.groq.com` becomes `https://api.groq.com/openai/v1`.
 */
export function completeAddress(address: BackendAddress): string {
  const { baseUrl, hasApiVersion } = address;
  const { pathname, search, origin } = new URL(baseUrl);
  const backend = findCertain({ ...address, name: undefined }) ?? findByPort(baseUrl);
  if (search !== "" || hasApiVersion || !backend) return baseUrl;
  const path = new URL(backend.readme.baseUrl).pathname;
  // Capitals are for the operator to fill in.
  if (/[A-Z]/.test(path) || !path.startsWith(`${pathname.replace(/\/*$/, "")}/`)) return baseUrl;
  return origin + path.replace(/\/$/, "");
}

function findCertain({ baseUrl, hasApiVersion, name }: BackendAddress): KnownBackend | undefined {
  const { host } = new URL(baseUrl);
  return knownBackends.find((backend: KnownBackend) => {
    if (name !== undefined) return backend.name === name;
    return hasApiVersion ? backend.versionedPath !== undefined : backend.hosts.some((one) => one.test(host));
  });
}

function findByPort(baseUrl: string): KnownBackend | undefined {
  const { port } = new URL(baseUrl);
  return knownBackends.find((backend: KnownBackend) => port !== "" && String(backend.port) === port);
}

/** Whether a path is that of the backend's OpenAI-compatible API, or the beginning of it. */
export function isUsualPath(address: BackendAddress, path: string): boolean {
  const backend = findCertain(address) ?? findByPort(address.baseUrl);
  return path === "" || (backend !== undefined && new URL(backend.readme.baseUrl).pathname.startsWith(path));
}

/** Where the API that takes a version is. */
export const versionedPath = knownBackends.map((backend) => backend.versionedPath).find(Boolean) ?? "";

export function quirksNamed(name: BackendName): Quirks {
  return quirksOf(findBackend(name));
}

/** The quirks of a backend's model, given those of the backend; the same object every time. */
export function quirksForModel(quirks: Quirks, model: string): Quirks {
  const known = modelQuirks.get(quirks);
  if (known) return known(model);
  modelQuirks.set(
    quirks,
    rememberResults((model) => applyRules(quirks, findBackend(quirks.name).models, model), maxModels),
  );
  return quirksForModel(quirks, model);
}

const modelQuirks = new WeakMap<Quirks, (model: string) => Quirks>();
const maxModels = 256;

/** The quirks of a backend's model by a protocol, given those by `chat`; the same object every time. */
export function quirksByProtocol(chat: Quirks, protocol: ConvertedProtocol, model: string): Quirks {
  switch (protocol) {
    case "chat":
      return chat;
    case "responses": {
      const known = responsesQuirks.get(chat) ?? findForResponses(chat, model);
      responsesQuirks.set(chat, known);
      return known;
    }
    default:
      return protocol satisfies never;
  }
}

const responsesQuirks = new WeakMap<Quirks, Quirks>();

function findForResponses(chat: Quirks, model: string): Quirks {
  const own = findBackend(chat.name).responses;
  const quirks = changeQuirks(chat, quirksForResponses(chat), own?.quirks ?? {});
  return applyRules(quirks, own?.models ?? [], model);
}

function applyRules(quirks: Quirks, rules: readonly ModelRule[], model: string): Quirks {
  const names = namesIn(model);
  const matching = rules.filter(([rule]) => names.some((name) => rule.test(name)));
  return changeQuirks(quirks, ...matching.map(([, changes]) => changes));
}

/**
 * A model's name, and what is left of it after each separator: a rule for `gpt-5` also means `openai/gpt-5.4`, an Azure
 * deployment `my-gpt-5` or `my_gpt_5`, Bedrock's `us.openai.gpt-5` and `accounts/ME/models/gpt-5`.
 */
function namesIn(model: string): string[] {
  const spellings = model.includes("_") ? [model, model.replaceAll("_", "-")] : [model];
  return spellings.flatMap((name) => [
    name,
    ...[...name.matchAll(/[^a-z0-9]+(?=[a-z])/gi)].map(({ 0: mark, index }) =>
      name.slice(index + mark.length),
    ),
  ]);
}

/** A model that the backend is known for. */
export function suggestedModel({ name }: Quirks): string {
  return findBackend(name).readme.model;
}

/** How a server of this kind is given a larger window; of every kind, if the backend is not one that people run. */
export function describeContextSetting({ name }: Quirks): string {
  const own = findBackend(name).contextSetting;
  if (own !== undefined) return own;
  return knownBackends
    .flatMap(({ contextSetting, readme }: KnownBackend) =>
      contextSetting === undefined ? [] : [`${contextSetting} (${readme.title})`],
    )
    .join(", ");
}

function findBackend(name: string): KnownBackend {
  return knownBackends.find((backend) => backend.name === name) ?? generic;
}

function quirksOf({ name, quirks }: KnownBackend): Quirks {
  return { ...changeQuirks(commonQuirks, quirks), name };
}

/** What is known of an API in Anthropic's own format: where it is, and what it does not know of the format. */
export function findNativeApi(address: BackendAddress): NativeApi | undefined {
  if (new URL(address.baseUrl).hostname === anthropicHost) return anthropicApi;
  return (findCertain(address) ?? findByPort(address.baseUrl))?.native;
}

/** Whether an address says by itself that Anthropic's own format is spoken there. */
export function isNativeAddress(baseUrl: string): boolean {
  const { hostname, pathname } = new URL(baseUrl);
  return hostname === anthropicHost || /\/anthropic(\/v1)?\/*$|\/messages\/*$/.test(pathname);
}
