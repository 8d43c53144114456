/**
 * The variables that configure the proxy, as one table with the shape of the `Config` it makes. A row is all that a
 * variable needs: it is read from flags, environment and `.env`, and listed in the help, the manual and the README.
 */
import { backendNames } from "../catalog/backends/known-backends.ts";
import { protocolNames } from "../catalog/quirks.ts";
import { searchApiNames } from "../catalog/search-apis.ts";
import { listCode } from "../lib/inline-code.ts";
import { logFormats, logLevels } from "../telemetry/log.ts";
import { clientKeys, clientLimits, keysIn } from "./client-keys.ts";
import {
  baseUrl,
  dollars,
  type Format,
  headerList,
  headers,
  host,
  hostNames,
  integer,
  key,
  Misfit,
  matching,
  modelName,
  oneOf,
  optional,
  origins,
  seconds,
  text,
  workers,
} from "./formats.ts";

export type Variable<Name extends string = string> = {
  /** As in the environment. With a `*` at the end: all variables with that prefix. */
  readonly name: Name;
  /** One line for the help, with `code` marked as in Markdown; so are the texts below. */
  readonly about: string;
  /** More details for the manual and the README. */
  readonly details?: string;
  /** The default. */
  readonly fallback?: string | Fallback;
  /** The proxy does not start without it. */
  readonly required?: true;
  /** Never printed. */
  readonly secret?: true;
  /** Other programs read it too, so `run` leaves it to its command. */
  readonly isShared?: true;
  /**
   * Decides where the backend key is sent or who may use it, so a `.env` that was found in the working directory may
   * not set it for a key that comes from elsewhere.
   */
  readonly guarded?: true;
  /** A key besides the backend's that a guarded variable sends somewhere. */
  readonly sends?: "SEARCH_API_KEY" | `${TierName}_API_KEY`;
  /** Decides where a file is written, so a `.env` that was found in the working directory may not set it at all. */
  readonly isPath?: true;
  /** Describes the backend or gives access to it, so the demo ignores it. */
  readonly ofBackend?: true;
};

/** A default that depends on other variables, or that is found out later. */
type Fallback = {
  readonly about: string;
  /** @param textOf the text of another variable, if it is set */
  readonly choose?: (textOf: TextOf) => string;
};

/** A row of the table: how the text is read, and everything else about the variable. */
type Row<Value = unknown, Name extends string = string> = Variable<Name> & { readonly format: Format<Value> };

function variable<Value, const Name extends string>(
  format: Format<Value>,
  row: Variable<Name>,
): Row<Value, Name> {
  return { ...row, format };
}

type TextOf = (name: string) => string | undefined;

/** Whether a tier's requests go to OpenRouter, whose model names are known and stay. */
function usesOpenRouter(tier: TierName, textOf: TextOf): boolean {
  return !hasOwnBackend(tier, textOf) && isOpenRouter(textOf);
}

/** The first model that is given for another tier, if both have the same backend. */
function chooseModel(tier: TierName, others: readonly TierName[], textOf: TextOf): string | undefined {
  if (hasOwnBackend(tier, textOf)) return undefined;
  return others.flatMap((other) => (hasOwnBackend(other, textOf) ? [] : (textOf(`${other}_MODEL`) ?? [])))[0];
}

function isOpenRouter(textOf: TextOf): boolean {
  const dialect = textOf("BACKEND_DIALECT");
  if (dialect !== undefined) return dialect.toLowerCase() === "openrouter";
  const address = textOf("OPENAI_BASE_URL") ?? defaultAddress;
  return /(^|\.)openrouter\.ai$/.test(URL.parse(address)?.hostname ?? "");
}

const defaultAddress = "https://openrouter.ai/api/v1";

type TierName = "BIG" | "MIDDLE" | "SMALL";

/** Whether a tier has a backend of its own, so that no other tier's model says anything about it. */
function hasOwnBackend(tier: TierName, textOf: TextOf): boolean {
  return [`${tier}_BASE_URL`, `${tier}_API_KEY`, `${tier}_DIALECT`].some(
    (name) => textOf(name) !== undefined,
  );
}

/** The backend of a tier, where it differs from that of the others. */
function tierBackend<const Tier extends TierName>(tier: Tier, family: string) {
  return {
    baseUrl: variable(optional(baseUrl()), {
      name: `${tier}_BASE_URL`,
      about: `Address of the backend for \`${family}\`, if it has one of its own`,
      fallback: { about: "that of `OPENAI_BASE_URL`" },
      guarded: true,
      sends: `${tier}_API_KEY`,
      ofBackend: true,
    }),
    apiKey: variable(optional(key()), {
      name: `${tier}_API_KEY`,
      about: `Key of the backend for \`${family}\``,
      fallback: { about: "none in the local network; at the same host, `OPENAI_API_KEY`" },
      secret: true,
      ofBackend: true,
    }),
    name: variable(optional(oneOf(backendNames)), {
      name: `${tier}_DIALECT`,
      about: `Which backend serves \`${family}\`, as in \`BACKEND_DIALECT\``,
      fallback: { about: "by the address" },
      ofBackend: true,
    }),
  };
}

/** Every variable, in the order of the help and the README. */
const table = {
  backend: {
    apiKey: variable(key("set it to the backend's key"), {
      name: "OPENAI_API_KEY",
      about: "API key of the backend; any value works for a local server",
      required: true,
      secret: true,
      ofBackend: true,
    }),
    baseUrl: variable(baseUrl(), {
      name: "OPENAI_BASE_URL",
      about: "Address of the OpenAI-compatible backend",
      fallback: defaultAddress,
      guarded: true,
      ofBackend: true,
    }),
    azureApiVersion: variable(optional(matching(/^[\w.-]+$/, "must be an API version such as 2024-10-21")), {
      name: "AZURE_API_VERSION",
      about: "Use Azure OpenAI with this API version",
      details:
        "This sends the `api-key` header, and the `api-version` query that all addresses but `/v1` need",
      ofBackend: true,
    }),
    /** If undefined, the address decides. */
    name: variable(optional(oneOf(backendNames)), {
      name: "BACKEND_DIALECT",
      about: "Which backend this is, if its address does not say",
      details: `One of ${listCode(backendNames)}`,
      fallback: { about: "by the address" },
      ofBackend: true,
    }),
    /** If undefined, the model decides. */
    protocol: variable(optional(oneOf(protocolNames)), {
      name: "BACKEND_PROTOCOL",
      about:
        "How the backend is asked: `chat` for `/chat/completions`, `responses` for `/responses`, `anthropic` for Anthropic's own `/v1/messages`",
      fallback: { about: "by the model" },
      ofBackend: true,
    }),
    /** Header name → value. */
    customHeaders: variable(headers("CUSTOM_HEADER_"), {
      name: "CUSTOM_HEADER_*",
      about: "Extra headers for the backend; `CUSTOM_HEADER_X_TITLE=a` sends `X-Title: a`",
      secret: true,
      guarded: true,
      ofBackend: true,
    }),
    /** Longest silence of the backend, seconds; if undefined, it depends on the backend and on what it has sent. */
    requestTimeout: variable(optional(seconds()), {
      name: "REQUEST_TIMEOUT",
      about: "Longest silence of the backend, in seconds; a whole answer may take longer",
      fallback: { about: "`90`; up to the first token `300`, or `600` in the local network" },
    }),
  },
  /** "" if the backend's list decides. */
  models: {
    big: variable(modelName(), {
      name: "BIG_MODEL",
      about: "Model for names containing `opus`, and for `fable`",
      fallback: {
        about: "`openai/gpt-5.4` at OpenRouter, else chosen from the backend's list",
        choose: (textOf) => (usesOpenRouter("BIG", textOf) ? "openai/gpt-5.4" : ""),
      },
      ofBackend: true,
    }),
    middle: variable(modelName(), {
      name: "MIDDLE_MODEL",
      about: "Model for names containing `sonnet`, and for other names that begin with `claude-`",
      fallback: {
        about: "your `BIG_MODEL`, else `openai/gpt-5.4-mini` at OpenRouter",
        choose: (textOf) =>
          chooseModel("MIDDLE", ["BIG"], textOf) ??
          (usesOpenRouter("MIDDLE", textOf) ? "openai/gpt-5.4-mini" : ""),
      },
      ofBackend: true,
    }),
    small: variable(modelName(), {
      name: "SMALL_MODEL",
      about: "Model for names containing `haiku`",
      fallback: {
        about: "`openai/gpt-5.4-nano` at OpenRouter, else your `MIDDLE_MODEL`",
        choose: (textOf) =>
          usesOpenRouter("SMALL", textOf)
            ? "openai/gpt-5.4-nano"
            : (chooseModel("SMALL", ["MIDDLE", "BIG"], textOf) ?? ""),
      },
      ofBackend: true,
    }),
  },
  bigBackend: tierBackend("BIG", "opus"),
  middleBackend: tierBackend("MIDDLE", "sonnet"),
  smallBackend: tierBackend("SMALL", "haiku"),
  media: {
    /** Describes images for models that cannot see them. */
    visionModel: variable(optional(modelName()), {
      name: "VISION_MODEL",
      about: "Model that describes images for models that cannot see them; each image is sent to it once",
      details:
        "Its description, with a mark, takes the place of the image. Scanned pages of PDFs are described, too",
      fallback: { about: "none" },
    }),
  },
  server: {
    host: variable(host(), {
      name: "HOST",
      about: "Address to listen on; `0.0.0.0` lets other machines in",
      fallback: "127.0.0.1",
      guarded: true,
    }),
    port: variable(integer(0, 65_535), {
      name: "PORT",
      about: "Port to listen on; `0` picks a free one",
      fallback: "8082",
    }),
    /** The key clients must send; if undefined, everyone is let in. */
    clientKey: variable(optional(key()), {
      name: "ANTHROPIC_API_KEY",
      about: "Key that clients must send; without it, anyone who can reach the proxy may use it",
      details: "They send it as `x-api-key` or `Authorization: Bearer`",
      secret: true,
      guarded: true,
    }),
    /** Those of clients that have a name. */
    clients: variable(clientKeys(), {
      name: "CLIENT_KEYS",
      about: "Keys of named clients, `alice:KEY,bob:KEY`, or a file with one on each line",
      details:
        "The log, the metrics and the usage name the client; one with several keys can change them one by one. " +
        "Keys in a file are replaced by their hashes; SIGHUP reads it again",
      secret: true,
      guarded: true,
      isPath: true,
    }),
    /** Opens only what monitors read. */
    metricsKey: variable(optional(key()), {
      name: "METRICS_KEY",
      about: "A further key, which opens only `GET /metrics`, for a monitor",
      details: "A monitor sends it as `Authorization: Bearer`",
      secret: true,
      guarded: true,
    }),
    /** Names in `Host`, in lower case, besides loopback, the listening address, and local names if it is not loopback. */
    allowedHosts: variable(hostNames(), {
      name: "ALLOWED_HOSTS",
      about: "Further host names by which clients may call the proxy, comma-separated",
      details: "IP addresses and local names are accepted when `HOST` is not loopback",
      guarded: true,
    }),
    /** Web origins that may call the proxy from a browser. */
    allowedOrigins: variable(origins(), {
      name: "ALLOWED_ORIGINS",
      about: "Web origins that may call the proxy from a browser, comma-separated",
      guarded: true,
    }),
    workers: variable(workers(), {
      name: "WORKERS",
      about: "Processes that share the port, on Linux; `auto` is one for each processor",
      details: "SIGUSR2 replaces them one by one",
      fallback: "1",
    }),
    /** In one process. */
    maxRequests: variable(integer(1, 65_000), {
      name: "MAX_CONCURRENT_REQUESTS",
      about: "Requests in progress at once, in each process; those beyond it get a 529",
      fallback: "4096",
    }),
    /** MiB. */
    bodyMemory: variable(integer(32, 1_048_576), {
      name: "MAX_BODY_MEMORY",
      about: "Memory for the bodies of all requests in progress, in MiB; beyond it they get a 529",
      fallback: "1024",
    }),
    /** How long answers in progress may take after the first signal, seconds. */
    shutdownGrace: variable(seconds(), {
      name: "SHUTDOWN_GRACE",
      about: "How long answers in progress may take to finish when the proxy is stopped, in seconds",
      fallback: "30",
    }),
  },
  search: {
    api: variable(optional(oneOf(searchApiNames)), {
      name: "SEARCH_API",
      about: "Service that searches the web for a backend that cannot",
      details: `One of ${listCode(searchApiNames)}. It does Claude Code's WebSearch, and Anthropic's web search next to other tools`,
      fallback: { about: "none" },
      guarded: true,
      sends: "SEARCH_API_KEY",
    }),
    key: variable(optional(key()), {
      name: "SEARCH_API_KEY",
      about: "Key of that service; `searxng` needs none",
      secret: true,
    }),
    baseUrl: variable(optional(baseUrl()), {
      name: "SEARCH_API_URL",
      about: "Address of that service, if it is not the usual one; `searxng` has no usual one",
      fallback: { about: "the service's own" },
      guarded: true,
      sends: "SEARCH_API_KEY",
    }),
  },
  limits: {
    maxTokens: variable(integer(1, 100_000_000), {
      name: "MAX_TOKENS_LIMIT",
      about: "Ceiling for `max_tokens` if the backend reports no limit",
      fallback: "128000",
    }),
    minTokens: variable(integer(1, 100_000_000), {
      name: "MIN_TOKENS_LIMIT",
      about: "Floor for `max_tokens` when reasoning is on",
      fallback: "1024",
    }),
    /** US dollars. */
    maxDailyCost: variable(optional(dollars()), {
      name: "MAX_DAILY_COST",
      about: "Highest cost of a day, in US dollars; once it is reached, messages are refused until midnight",
      details:
        "Counted from what the backend reports, else from the prices in its list, for all workers together; with " +
        "`USAGE_DB`, across restarts, and within a minute for all proxies that share it. Messages in progress are finished",
      fallback: { about: "none" },
    }),
    /** By the names of clients, `*` for those that are not listed; US dollars. */
    maxClientDailyCost: variable(optional(clientLimits()), {
      name: "MAX_CLIENT_DAILY_COST",
      about: "The same for each client of `CLIENT_KEYS`: `5`, or `alice:5,bob:2.50,*:1`",
      fallback: { about: "none" },
    }),
  },
  log: {
    level: variable(oneOf(logLevels), {
      name: "LOG_LEVEL",
      about: `How much to log: ${listCode(logLevels)}`,
      details: "The default for `run` without a terminal is `WARNING`",
      fallback: "INFO",
    }),
    format: variable(oneOf(logFormats), {
      name: "LOG_FORMAT",
      about: "How to write the log: `text`, or `json` for one object per line",
      fallback: "text",
    }),
    /** If undefined, the log goes to standard error. */
    file: variable(optional(text()), {
      name: "LOG_FILE",
      about: "File to append the log to; it is rotated at 8 MiB, and only you can read it",
      details: "At a terminal, `run` writes to `~/.local/state/claude-code-proxy/run.log`",
      fallback: { about: "standard error" },
      isPath: true,
    }),
  },
  telemetry: {
    /** If undefined, nothing is sent. */
    endpoint: variable(optional(baseUrl()), {
      name: "OTEL_EXPORTER_OTLP_ENDPOINT",
      about: "OpenTelemetry collector that gets metrics and a span for each message, as OTLP in JSON",
      details:
        "`/v1/traces` and `/v1/metrics` are added. A client's `traceparent` goes on to the backend. No content is sent",
      fallback: { about: "none" },
      guarded: true,
    }),
    headers: variable(headerList(), {
      name: "OTEL_EXPORTER_OTLP_HEADERS",
      about: "Headers for that collector, as in `name=value,other=value`",
      secret: true,
      isShared: true,
      guarded: true,
    }),
    serviceName: variable(matching(/^[\x20-\x7e]{1,100}$/, "must be a name of at most 100 characters"), {
      name: "OTEL_SERVICE_NAME",
      about: "Name by which the collector knows the proxy",
      fallback: "claude-code-proxy",
    }),
  },
  usage: {
    /** If undefined, nothing is kept. */
    database: variable(optional(text()), {
      name: "USAGE_DB",
      about:
        "SQLite file that keeps a row for each message: who, which model, tokens, cost and times; no content",
      details: "`usage` sums it up. Several proxies may share it; `run` and `doctor` write nothing",
      fallback: { about: "none" },
      isPath: true,
    }),
    /** Days. */
    retention: variable(integer(1, 36_500), {
      name: "USAGE_RETENTION",
      about: "How long rows are kept there, in days",
      fallback: "90",
    }),
  },
  compression: {
    mode: variable(oneOf(["none", "compact", "summarize"]), {
      name: "PROMPT_COMPRESSION",
      about: "Shorten long system prompts: `none`, `compact` or `summarize`",
      details:
        "`compact` replaces Claude Code's general instructions with a short guide; " +
        "`summarize` has `SMALL_MODEL` shorten them, once",
      fallback: "none",
    }),
    /** If undefined, only the client's own words are shortened. */
    maxSystemTokens: variable(optional(integer(1, 100_000_000)), {
      name: "PROMPT_MAX_SYSTEM_TOKENS",
      about: "Maximum tokens of a compressed system prompt",
      details:
        "Without it, only Claude Code's own words are shortened; with it, yours are too where they must be. " +
        "Environment and project context are never cut",
    }),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Row>>>>;

type Table = typeof table;
type RowsOf<Part> = Part extends unknown ? Part[keyof Part] : never;
type ValueOf<Each> = Each extends Row<infer Value> ? Value : never;
type NameOf<Each> = Each extends Row<unknown, infer Name> ? Name : never;

/** The values of all variables, in the shape of the table. */
export type Values = {
  readonly [Part in keyof Table]: {
    readonly [Field in keyof Table[Part]]: ValueOf<Table[Part][Field]>;
  };
};

/** The name of a variable; those that share a prefix have none. */
export type VariableName = Exclude<NameOf<RowsOf<Table[keyof Table]>>, `${string}*`>;

export type PlacedVariable = Variable & {
  /** The path of its value in the configuration. */
  readonly place: { readonly part: string; readonly field: string };
  readonly format: Format<unknown>;
};

/** The rows of the table, in its order. */
export const variables: readonly PlacedVariable[] = Object.entries(table).flatMap(([part, rows]) =>
  Object.entries<Row>(rows).map(([field, row]) => ({
    ...row,
    place: { part, field },
  })),
);

type Refused = { readonly row: PlacedVariable; readonly name: string; readonly message: string };

/**
 * Reads each variable from what is given for it.
 * @returns the values, unless some are refused
 */
export function readValues(give: (row: PlacedVariable) => Parameters<Format<unknown>>[0]): {
  readonly values: Values | undefined;
  readonly refused: readonly Refused[];
} {
  const parts: Record<string, Record<string, unknown>> = {};
  const refused: Refused[] = [];
  for (const row of variables) {
    const { part, field } = row.place;
    const values = parts[part] ?? {};
    parts[part] = values;
    try {
      values[field] = Object.freeze(row.format(give(row)));
    } catch (thrown) {
      if (!(thrown instanceof Misfit)) throw thrown;
      for (const { name = row.name, message } of thrown.problems) refused.push({ row, name, message });
    }
  }
  for (const part of Object.values(parts)) Object.freeze(part);
  return { values: isWhole(parts) ? parts : undefined, refused };
}

/** Whether every row has a value. */
function isWhole(parts: Readonly<Record<string, Readonly<Record<string, unknown>>>>): parts is Values {
  return variables.every(({ place }) => place.field in (parts[place.part] ?? {}));
}

/** What a variable means, with the details. */
export function describeWithDetails({ about, details }: Variable): string {
  return details === undefined ? about : `${about}. ${details}`;
}

/** The prefix that all variables of a row share; undefined for a row of one variable. */
export function prefixOf({ name }: Variable): string | undefined {
  return name.endsWith("*") ? name.slice(0, -1) : undefined;
}

const byName = new Map<string, PlacedVariable>(variables.map((row) => [row.name, row]));
const families = variables.filter((row) => prefixOf(row) !== undefined);

/** The row of a variable, by its name in the environment. */
export function findVariable(name: string): PlacedVariable | undefined {
  return byName.get(name) ?? families.find((row) => name.startsWith(prefixOf(row) ?? name));
}

/** The values of those variables that hold a secret; of a list, the keys in it. */
export function findSecrets(values: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (!value || !findVariable(name)?.secret) return [];
    return name === "CLIENT_KEYS" ? keysIn(value) : [value.trim()];
  });
}
