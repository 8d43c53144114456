/**
 * The variables that configure the proxy, as one table: what a text must look like, what it becomes, what counts
 * when nobody sets it, and what `--help` says. Only `config.ts` and the help page read it.
 */
import { z } from "zod";
import { backendNames } from "../catalog/choose-quirks.ts";
import { logFormats, logLevels } from "../telemetry/log.ts";

type Variable = {
  readonly about: string;
  /** The text that counts when nobody sets the variable; undefined when there is none or it depends on others. */
  readonly fallback?: string;
  /** Never printed. */
  readonly secret?: true;
  /**
   * Decides where the backend key goes or who may spend it, so a `.env` that was merely found in the working
   * directory may not set it for a key that comes from elsewhere.
   */
  readonly guarded?: true;
};

const rows = z.registry<Variable>();

/** A row of the table below: how the text of a variable is read, and what `--help` says about it. */
function variable<Schema extends z.ZodType>(schema: Schema, row: Variable): Schema {
  rows.add(schema, row);
  return schema;
}

const key = () => z.string().regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");
const name = () => z.string().regex(/^\P{Cc}{1,256}$/u, "must be a model name on one line");

function integer(from: number, to: number) {
  const allowed = `must be a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, allowed)
    .transform(Number)
    .refine((value) => value >= from && value <= to, allowed);
}

function seconds() {
  const allowed = "must be a number of seconds, above 0 and at most 86400";
  return z
    .string()
    .regex(/^\d{1,6}(\.\d+)?$/, allowed)
    .transform(Number)
    .refine((value) => value > 0 && value <= 86_400, allowed);
}

const baseUrl = () =>
  z
    .string()
    .refine(
      isBaseUrl,
      "must be an http:// or https:// URL without user, password, query or fragment, such as https://host/v1",
    )
    .transform((text) => text.replace(/\/+$/, ""));

const origins = () =>
  z
    .string()
    .transform((text) => text.split(",").map((item) => item.trim().replace(/\/$/, "")))
    .refine(
      (list) => list.every(isOrigin),
      "must be web origins such as https://app.example, separated by commas; * is not one",
    );

/** Every variable that counts, beside `CUSTOM_HEADER_*`. The order is that of `--help`. */
export const table = z.object({
  OPENAI_API_KEY: variable(key().optional(), {
    about: "API key of the backend. Required; any value works for a local server",
    secret: true,
  }),
  OPENAI_BASE_URL: variable(baseUrl(), {
    about: "Address of the OpenAI-compatible backend",
    fallback: "https://openrouter.ai/api/v1",
    guarded: true,
  }),
  BIG_MODEL: variable(name(), { about: "Model for names containing opus", fallback: "openai/gpt-5.4" }),
  MIDDLE_MODEL: variable(name(), {
    about: "Model for names containing sonnet; BIG_MODEL if only that is set",
    fallback: "openai/gpt-5.4-mini",
  }),
  SMALL_MODEL: variable(name(), {
    about: "Model for names containing haiku",
    fallback: "openai/gpt-5.4-nano",
  }),
  ANTHROPIC_API_KEY: variable(key().optional(), {
    about: "Key that clients must send; without it, anyone who can reach the proxy may use it",
    secret: true,
    guarded: true,
  }),
  AZURE_API_VERSION: variable(
    z
      .string()
      .regex(/^[\w.-]+$/, "must be an API version such as 2024-10-21")
      .optional(),
    { about: "Use Azure OpenAI with this API version" },
  ),
  BACKEND_DIALECT: variable(
    z
      .string()
      .toLowerCase()
      .pipe(z.enum(backendNames, `must be one of ${backendNames.join(", ")}`))
      .optional(),
    { about: "Which backend this is, if its address does not say: ollama, vllm, …, generic" },
  ),
  HOST: variable(
    z
      .string()
      .regex(/^(?:[\w.:-]+|\[[\da-fA-F:]+\])$/, "must be a host name or an IP address")
      .transform((text) => text.replace(/^\[|\]$/g, "")),
    {
      about: "Address to listen on; 127.0.0.1 without a client key, 0.0.0.0 with one",
      guarded: true,
    },
  ),
  PORT: variable(integer(0, 65_535), { about: "Port to listen on; 0 picks a free one", fallback: "8082" }),
  ALLOWED_ORIGINS: variable(origins().optional(), {
    about: "Web origins that may call the proxy from a browser, comma-separated",
    guarded: true,
  }),
  LOG_LEVEL: variable(
    z
      .string()
      .toUpperCase()
      .pipe(z.enum(logLevels, `must be one of ${logLevels.join(", ")}`)),
    {
      about: "DEBUG, INFO, WARNING or ERROR",
      fallback: "INFO",
    },
  ),
  LOG_FORMAT: variable(
    z
      .string()
      .toLowerCase()
      .pipe(z.enum(logFormats, `must be one of ${logFormats.join(", ")}`)),
    { about: "text, or json for one object per line", fallback: "text" },
  ),
  MAX_TOKENS_LIMIT: variable(integer(1, 100_000_000), {
    about: "Ceiling for max_tokens if the backend reports no limit",
    fallback: "128000",
  }),
  MIN_TOKENS_LIMIT: variable(integer(1, 100_000_000), {
    about: "Floor for max_tokens when reasoning is on",
    fallback: "1024",
  }),
  REQUEST_TIMEOUT: variable(seconds(), {
    about: "Longest silence of the backend, in seconds; a whole answer may take longer",
    fallback: "90",
  }),
  PROMPT_COMPRESSION: variable(
    z
      .string()
      .toLowerCase()
      .pipe(z.enum(["none", "compact", "summarize"], "must be one of none, compact, summarize")),
    { about: "Shorten long system prompts: none, compact or summarize", fallback: "none" },
  ),
  PROMPT_MAX_SYSTEM_TOKENS: variable(integer(1, 100_000_000), {
    about: "Maximum tokens of a compressed system prompt",
    fallback: "4096",
  }),
});

export type VariableName = keyof typeof table.shape;

export const headerPrefix = "CUSTOM_HEADER_";

/** Name and description of every variable, for `--help`. */
export const variables: ReadonlyArray<Variable & { readonly name: string }> = [
  ...Object.entries(table.shape).flatMap(([name, schema]) => {
    const row = rows.get(schema);
    return row ? [{ name, ...row }] : [];
  }),
  {
    name: `${headerPrefix}*`,
    about: `Extra headers for the backend; ${headerPrefix}X_TITLE=a sends X-Title: a`,
    secret: true,
    guarded: true,
  },
];

/** The row of a variable, by the name that the environment uses. */
export function findVariable(name: string): Variable | undefined {
  const row = name.startsWith(headerPrefix) ? `${headerPrefix}*` : name;
  return variables.find((variable) => variable.name === row);
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !/^https?:\/\//i.test(text)) return false;
  // An empty query or fragment leaves no trace in the URL but would swallow the path we append.
  return url.username === "" && url.password === "" && !/[?#\s]/.test(text);
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.parse(text)?.origin === text;
}
