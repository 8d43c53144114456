/**
 * Room `catalog/`: what is known about backends, models and clients, as data. Not here: I/O, and decisions about a
 * request.
 *
 * What the backend reports about its models: windows and output limits, read from its `/models`, in a snapshot that
 * anyone may query without waiting. No I/O here; `upstream/transport/fetch-models.ts` fetches the list.
 */
import { isObject, type JsonObject } from "../lib/json.ts";
import type { Price } from "../telemetry/cost.ts";
import type { Quirks } from "./quirks.ts";

export type ModelFacts = {
  readonly id: string;
  readonly displayName?: string | undefined;
  /** Unix time, seconds. */
  readonly created?: number | undefined;
  /** Tokens of prompt and answer together. */
  readonly contextWindow?: number | undefined;
  /** Tokens that no prompt may exceed at any host; undefined if only the window of the model's training is known. */
  readonly hardWindow?: number | undefined;
  /** Maximum tokens of one answer. */
  readonly maxOutput?: number | undefined;
  readonly supportedParameters?: readonly string[] | undefined;
  readonly price?: Price | undefined;
  /** Undefined if the list does not say. */
  readonly seesImages?: boolean | undefined;
};

export type Catalog = {
  /** Facts about a model by the name it is requested by; undefined if nothing, or nothing unambiguous, is known. */
  facts(modelId: string): ModelFacts | undefined;
  /** The same list until it is replaced. */
  all(): readonly ModelFacts[];
  /** The quirks of the server that the list came from, if it said what it is. */
  serverQuirks(): Quirks | undefined;
  /** Replaces the list; `at` is the time of reading, ms. */
  replace(facts: readonly ModelFacts[], at: number, serverQuirks?: Quirks): void;
  /** Milliseconds since the list was read; Infinity if it never was. */
  ageMs(now: number): number;
};

/**
 * Where servers report the size of the context window, best first: the window that is loaded matters more than the one
 * the model was trained for. Sources: OpenRouter, Moonshot and Together (`context_length`), Groq (`context_window`),
 * vLLM (`max_model_len`), LM Studio (`loaded_…`), Mistral (`max_context_length`), Gemini (`inputTokenLimit`),
 * llama.cpp.
 */
const windowFields = [
  "context_length",
  "context_window",
  "max_model_len",
  "loaded_context_length",
  "max_context_length",
  "inputTokenLimit",
  "meta.n_ctx",
] as const;

/** What the model was trained for. A server may be started with less, or with more. */
const trainedField = "meta.n_ctx_train";

const outputFields = [
  "top_provider.max_completion_tokens",
  "max_completion_tokens",
  "max_output_tokens",
  "max_output_length",
  "outputTokenLimit",
] as const;

/** The last second that a JavaScript date can represent. */
const lastSecond = 8.64e12;

/**
 * What is known about the model that answers to a name.
 * @param takesAnyName whether the server takes every name, if it has only one model
 */
export function factsByName(
  catalog: Pick<Catalog, "all" | "facts">,
  name: string,
  takesAnyName: boolean,
): ModelFacts | undefined {
  const models = catalog.all();
  return catalog.facts(name) ?? (takesAnyName && models.length === 1 ? models[0] : undefined);
}

/** Every model in the body of a `/models` answer. Entries that are no models, and invalid numbers, are left out. */
export function readModelList(body: unknown): ModelFacts[] {
  const models = new Map<string, ModelFacts>();
  for (const entry of listIn(body)) {
    const facts = readModel(entry);
    if (facts && !models.has(facts.id)) models.set(facts.id, facts);
  }
  return [...models.values()];
}

/** Who owns the models of a list, each owner once: servers write their own name there. */
export function readOwners(body: unknown): string[] {
  const owners = listIn(body).flatMap((entry) => (isObject(entry) ? (text(entry.owned_by) ?? []) : []));
  return [...new Set(owners)];
}

export function createCatalog(): Catalog {
  let models: readonly ModelFacts[] = [];
  let readAt: number | undefined;
  let recognized: Quirks | undefined;
  return {
    facts: (modelId) => models.find((model) => model.id === modelId) ?? findAlike(modelId, models),
    all: () => models,
    serverQuirks: () => recognized,
    replace(facts, at, serverQuirks) {
      models = [...facts];
      recognized = serverQuirks;
      readAt = at;
    },
    ageMs: (now) => (readAt === undefined ? Number.POSITIVE_INFINITY : now - readAt),
  };
}

/** OpenAI wraps the list in `data`; Gemini's and Ollama's own APIs in `models`; Together does not wrap it. */
function listIn(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  if (!isObject(body)) return [];
  if (Array.isArray(body.data)) return body.data;
  return Array.isArray(body.models) ? body.models : [];
}

function readModel(entry: unknown): ModelFacts | undefined {
  if (!isObject(entry)) return undefined;
  const name = text(entry.id) ?? text(entry.name) ?? text(entry.model);
  // Gemini lists `models/gemini-…` and accepts the name without the prefix.
  const id = name?.replace(/^models\//, "");
  if (!id) return undefined;
  const displayName = text(entry.display_name) ?? text(entry.displayName) ?? text(entry.name);
  const created = positive(entry.created);
  return {
    id,
    displayName: displayName === name ? undefined : displayName,
    created: created !== undefined && created <= lastSecond ? created : undefined,
    ...readWindows(entry),
    maxOutput: firstPositive(entry, outputFields),
    supportedParameters: Array.isArray(entry.supported_parameters)
      ? entry.supported_parameters.filter((name) => typeof name === "string")
      : undefined,
    price: readPrice(entry.pricing),
    seesImages: readVision(entry),
  };
}

/** Sources: the lists of OpenRouter and Hugging Face (`architecture`) and of Mistral (`capabilities`). */
function readVision({ architecture, capabilities }: JsonObject): boolean | undefined {
  const inputs = isObject(architecture) ? architecture.input_modalities : undefined;
  if (Array.isArray(inputs)) return inputs.includes("image");
  const vision = isObject(capabilities) ? capabilities.vision : undefined;
  return typeof vision === "boolean" ? vision : undefined;
}

/** OpenRouter and servers like it report dollars for one token, as text. */
function readPrice(pricing: unknown): Price | undefined {
  if (!isObject(pricing)) return undefined;
  const perMillion = (text: unknown): number | undefined => {
    const price = typeof text === "string" && text !== "" ? Number(text) * 1e6 : Number.NaN;
    return price >= 0 && Number.isFinite(price) ? price : undefined;
  };
  const [input, output] = [perMillion(pricing.prompt), perMillion(pricing.completion)];
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = perMillion(pricing.input_cache_read);
  const cacheWrite = perMillion(pricing.input_cache_write);
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  };
}

/** A router's best host may offer less than the model's full window, and another host more than the best one. */
function readWindows(entry: JsonObject): Pick<ModelFacts, "contextWindow" | "hardWindow"> {
  const windows = [
    firstPositive(entry, windowFields),
    firstPositive(entry, ["top_provider.context_length"]),
  ].filter((window) => window !== undefined);
  if (windows.length === 0) return { contextWindow: firstPositive(entry, [trainedField]) };
  return { contextWindow: Math.min(...windows), hardWindow: Math.max(...windows) };
}

function firstPositive(entry: JsonObject, paths: readonly string[]): number | undefined {
  for (const path of paths) {
    const found = path
      .split(".")
      .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), entry);
    const number = positive(found);
    if (number !== undefined) return number;
  }
  return undefined;
}

/** A positive whole number, or undefined. */
function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 1 ? Math.floor(value) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * The one model that the name can mean: `qwen3` is `qwen3:latest`, as in Ollama, and a `provider/` prefix may be
 * missing on one side. If there are two candidates, there is no match: another model's limits are worse than none.
 */
function findAlike(name: string, models: readonly ModelFacts[]): ModelFacts | undefined {
  const asked = withoutLatest(name);
  for (const isAlike of [isSame, isSameButPrefix]) {
    const found = models.filter((model) => isAlike(asked, withoutLatest(model.id)));
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  return undefined;
}

const withoutLatest = (id: string): string => id.replace(/:latest$/, "");

const isSame = (one: string, other: string): boolean => one === other;

const isSameButPrefix = (one: string, other: string): boolean =>
  one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
