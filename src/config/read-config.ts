/**
 * Room `config/`: flags, environment and `.env` file, read once into a frozen `Config`. Not here: reading files or
 * `process`, and decisions about a request.
 *
 * What the operator decided: flags, environment and one `.env` file, read once into a frozen `Config`. Every bad
 * value is reported at once. Only commands, server, guard, routes and plan may look at it.
 */
import type { z } from "zod";
import type { BackendName } from "../catalog/choose-quirks.ts";
import type { LogFormat, LogLevel } from "../telemetry/log.ts";
import { findVariable, headerPrefix, table, type VariableName, variables } from "./variables.ts";

export type Config = {
  readonly backend: {
    readonly apiKey: string;
    readonly baseUrl: string;
    readonly azureApiVersion: string | undefined;
    /** Whose ways the backend has; undefined lets its address decide. */
    readonly name: BackendName | undefined;
    /** Header name → value, from `CUSTOM_HEADER_*`. */
    readonly customHeaders: Readonly<Record<string, string>>;
    /** Longest silence of the backend, seconds. */
    readonly requestTimeout: number;
  };
  readonly models: { readonly big: string; readonly middle: string; readonly small: string };
  readonly limits: { readonly maxTokens: number; readonly minTokens: number };
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** The key clients must send; undefined lets everyone in. */
    readonly clientKey: string | undefined;
    /** Web origins that may call the proxy from a browser; none by default. */
    readonly allowedOrigins: readonly string[];
  };
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly compression: { readonly mode: "none" | "compact" | "summarize"; readonly maxSystemTokens: number };
  /** The `.env` file that was read, for the banner. */
  readonly envFile: string | undefined;
};

/** What stands in the way of a start, one line a problem, secrets masked. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];
  /** There is no backend key; the caller knows the ways on. */
  readonly keyMissing: boolean;

  constructor(problems: readonly string[], keyMissing = false) {
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    // Values and paths may be a stranger's, and must not steer the terminal.
    const lines = problems.map((problem) => problem.replace(/\p{Cc}/gu, " "));
    super([`Cannot start: the configuration has ${count}`, ...lines].join("\n  "));
    this.problems = problems;
    this.keyMissing = keyMissing;
  }
}

/** What a `.env` file says; see `env-file.ts`. */
export type EnvFile = {
  readonly path: string;
  /** Only variables that configure the proxy. */
  readonly values: Readonly<Record<string, string>>;
  /** Named by the operator or kept in their own directory; one in the working directory may be a stranger's. */
  readonly trusted: boolean;
};

export type ConfigSources = {
  /** Texts of the flags that were given, under the name of the variable they stand for. */
  readonly flags: Readonly<Partial<Record<VariableName, string>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: EnvFile | undefined;
  /** The backend will be our own: what the sources say about the backend is set aside, and no key is needed. */
  readonly demo?: boolean;
  /** What counts in place of the table's own defaults. */
  readonly fallbacks?: Readonly<Partial<Record<VariableName, string>>>;
};

type Setting = { readonly text: string; readonly from: "flag" | "environment" | "file" };
type Settings = ReadonlyMap<string, Setting>;

/**
 * Flag over environment over file over default; an empty text counts as unset.
 * @throws ConfigError with every problem
 */
export function readConfig(sources: ConfigSources): Config {
  const given = gather(sources);
  const settings = sources.demo ? forDemo(given) : given;
  const headers = [...settings].filter(([name]) => name.startsWith(headerPrefix));
  const parsed = table.safeParse(withFallbacks(settings, sources.fallbacks));
  const keyMissing = !settings.has("OPENAI_API_KEY") && !sources.fallbacks?.OPENAI_API_KEY;
  const problems = [
    ...(keyMissing ? ["OPENAI_API_KEY is not set; set it to the backend's key"] : []),
    ...(parsed.error?.issues ?? []).flatMap(({ path, message }) => {
      const name = String(path[0]);
      const setting = settings.get(name);
      return setting ? [`${describe(name, setting)}: ${message}`] : [];
    }),
    ...headers.flatMap(([name, setting]) => {
      const problem = findHeaderProblem(toHeaderName(name), setting.text);
      return problem ? [`${describe(name, setting)}: ${problem}`] : [];
    }),
    ...findSmuggled(settings, given.get("OPENAI_API_KEY"), sources.file),
  ];
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems, keyMissing);
  const customHeaders = Object.fromEntries(headers.map(([name, { text }]) => [toHeaderName(name), text]));
  return assemble(parsed.data, customHeaders, sources.file?.path);
}

/** Every known variable that has a text, from the place that wins. */
function gather({ flags, env, file }: ConfigSources): Settings {
  const places: [Setting["from"], Readonly<Record<string, string | undefined>>][] = [
    ["file", file?.values ?? {}],
    ["environment", env],
    ["flag", flags],
  ];
  const settings = new Map<string, Setting>();
  for (const [from, texts] of places)
    for (const [name, value] of Object.entries(texts)) {
      const text = value?.trim();
      // Bun may have put the file's own words into the environment; they stay a file's words.
      const isEcho = from === "environment" && settings.get(name)?.text === text;
      if (text && findVariable(name) && !isEcho) settings.set(name, { text, from });
    }
  return settings;
}

function forDemo(given: Settings): Settings {
  const aboutBackend = /^(OPENAI_|AZURE_|BACKEND_|CUSTOM_HEADER_)/;
  const kept = [...given].filter(([name]) => !aboutBackend.test(name));
  return new Map([...kept, ["OPENAI_API_KEY", { text: "demo", from: "flag" }]]);
}

/** The texts to parse: what was given, what other variables imply, then the table's defaults. */
function withFallbacks(settings: Settings, fallbacks: ConfigSources["fallbacks"]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, fallback } of variables) if (fallback !== undefined) texts[name] = fallback;
  texts.HOST = settings.has("ANTHROPIC_API_KEY") ? "0.0.0.0" : "127.0.0.1";
  // Azure and local users set only two models.
  const big = settings.get("BIG_MODEL");
  if (big) texts.MIDDLE_MODEL = big.text;
  Object.assign(texts, fallbacks);
  for (const [name, { text }] of settings) texts[name] = text;
  return texts;
}

/**
 * The working directory may be a stranger's repository. What its `.env` says about where a key goes, or who may
 * spend it, counts only for a key that stands in the same file.
 */
function findSmuggled(settings: Settings, key: Setting | undefined, file: EnvFile | undefined): string[] {
  if (!file || file.trusted) return [];
  if (key && file.values.OPENAI_API_KEY?.trim() === key.text) return [];
  return [...settings]
    .filter(([name, { from }]) => from === "file" && findVariable(name)?.guarded)
    .map(
      ([name, setting]) =>
        `${describe(name, setting)}: ${file.path} may not set this, because it was found in the working directory and ` +
        "OPENAI_API_KEY comes from elsewhere; if you trust the file, name it with --env-file",
    );
}

function assemble(
  read: z.output<typeof table>,
  customHeaders: Record<string, string>,
  envFile: string | undefined,
): Config {
  return Object.freeze({
    backend: Object.freeze({
      apiKey: read.OPENAI_API_KEY ?? "",
      baseUrl: read.OPENAI_BASE_URL,
      azureApiVersion: read.AZURE_API_VERSION,
      name: read.BACKEND_DIALECT,
      customHeaders: Object.freeze(customHeaders),
      requestTimeout: read.REQUEST_TIMEOUT,
    }),
    models: Object.freeze({ big: read.BIG_MODEL, middle: read.MIDDLE_MODEL, small: read.SMALL_MODEL }),
    limits: Object.freeze({ maxTokens: read.MAX_TOKENS_LIMIT, minTokens: read.MIN_TOKENS_LIMIT }),
    server: Object.freeze({
      host: read.HOST,
      port: read.PORT,
      clientKey: read.ANTHROPIC_API_KEY,
      allowedOrigins: Object.freeze(read.ALLOWED_ORIGINS ?? []),
    }),
    logLevel: read.LOG_LEVEL,
    logFormat: read.LOG_FORMAT,
    compression: Object.freeze({
      mode: read.PROMPT_COMPRESSION,
      maxSystemTokens: read.PROMPT_MAX_SYSTEM_TOKENS,
    }),
    envFile,
  });
}

/** `CUSTOM_HEADER_X_TITLE` → `X-Title`. */
function toHeaderName(variable: string): string {
  const words = variable.slice(headerPrefix.length).toLowerCase().split("_");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("-");
}

/** Headers that say how a message is framed or carried; another value would break or smuggle requests. */
const framing =
  /^(host|connection|content-.+|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.+|accept-encoding)$/i;

function findHeaderProblem(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name))
    return "must end in a header name, written with letters, digits and _";
  if (framing.test(name)) return `must name another header: the proxy sets ${name} itself`;
  if (!/^[\t\x20-\x7e]*$/.test(value)) return "must be one line of printable ASCII";
  return undefined;
}

/** How a setting is shown in a problem: the name the operator used, and the value unless it may be a secret. */
function describe(name: string, setting: Setting): string {
  const label = setting.from === "flag" ? flagFor(name) : name;
  if (findVariable(name)?.secret) return `${label} (hidden, ${setting.text.length} characters)`;
  // A URL may carry a password or a token.
  const text = name === "OPENAI_BASE_URL" ? setting.text.replace(/\/\/.*@|[?#].*/gs, "…") : setting.text;
  return `${label}=${JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)}`;
}

/** The flag that sets a variable; a key is never an argument, which every process of the machine can read. */
function flagFor(name: string): string {
  return name === "OPENAI_API_KEY" ? "--api-key-stdin" : `--${name.toLowerCase().replaceAll("_", "-")}`;
}
