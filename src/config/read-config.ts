/**
 * Room `config/`: flags, environment and `.env` file, read once into a frozen `Config`. Not here: reading files or
 * `process`, and decisions about a request.
 *
 * Every bad value is reported at once. Only commands, server, guard, routes and plan may read the `Config`.
 */
import { findMissingSetting } from "../catalog/search-apis.ts";
import { type ProxyVariables, pickProxyVariables } from "../lib/find-http-proxy.ts";
import { redact } from "../lib/redact.ts";
import { ConfigError, type MissingKey } from "./config-error.ts";
import { findMisspelled } from "./find-misspelled.ts";
import { hideValue, showValue } from "./formats.ts";
import { type BackendConfig, findKeyless, listBackends, noKey } from "./list-backends.ts";
import { type ConfigFile, findUnknownBackends, type RouteConfig } from "./route-config.ts";
import {
  findVariable,
  prefixOf,
  readValues,
  type Values,
  type Variable,
  type VariableName,
  variables,
} from "./variables.ts";

/** The values of the variables, in the shape of their table. */
export type Config = Omit<Values, "backend"> & {
  /** The one that gets whatever no route sends elsewhere. */
  readonly backend: BackendConfig;
  /** All of them, that one first. */
  readonly backends: readonly BackendConfig[];
  readonly routes: readonly RouteConfig[];
  /** The `config.toml` that was read, for the banner. */
  readonly configFile: string | undefined;
  /** The variables of the environment that hold the keys of that file. */
  readonly secretVariables: readonly string[];
  /** The `.env` file that was read, for the banner. */
  readonly envFile: string | undefined;
  /** The HTTP proxies of the environment. Secret: they may contain passwords. */
  readonly proxies: ProxyVariables;
  /** What is worth a warning before anything is answered. */
  readonly warnings: readonly string[];
};

/** The contents of a `.env` file; see `find-env-file.ts`. */
export type EnvFile = {
  readonly path: string;
  /** Only variables that configure the proxy. */
  readonly values: Readonly<Record<string, string>>;
  /** Those and all others: a `config.toml` may name them. */
  readonly all?: Readonly<Record<string, string>>;
  /**
   * Named by the operator, or in their configuration directory. One in the working directory may come from someone
   * else.
   */
  readonly trusted: boolean;
  /** What in it is ambiguous, with its line. Such a file is not used. */
  readonly problems?: readonly string[];
};

export type ConfigSources = {
  /** Values of the given flags, under the names of the variables they set. */
  readonly flags: Readonly<Partial<Record<VariableName, string>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: EnvFile | undefined;
  readonly configFile?: ConfigFile | undefined;
  /** What was found while the file was looked for. */
  readonly warnings?: readonly string[];
  /** Where the file was looked for. */
  readonly search?: () => MissingKey;
  /** The demo backend is used: settings about the backend are ignored, and no key is needed. */
  readonly demo?: boolean;
  /** Defaults that replace those of the table. */
  readonly fallbacks?: Readonly<Partial<Record<VariableName, string>>>;
};

type Setting = { readonly text: string; readonly from: "flag" | "environment" | "file" };
type Settings = ReadonlyMap<string, Setting>;

/**
 * A flag overrides the environment, which overrides the file, which overrides the default. An empty text counts as
 * unset.
 * @throws ConfigError with every problem
 */
export function readConfig(sources: ConfigSources): Config {
  const { settings, given, fallbacks, configFile, isFileDefault } = chooseSettings(sources);
  const { values, refused } = readValues((row) => chooseText(row, settings, fallbacks));
  const unset = refused.filter(({ row }) => row.required && !settings.has(row.name));
  const keyMissing = unset.some(({ name }) => name === "OPENAI_API_KEY");
  const backends = values && listBackends(values, configFile?.backends, isFileDefault);
  const problems = [
    ...(sources.file?.problems ?? []),
    ...unset.map(({ name, message }) => `${name} is not set; ${message}`),
    ...refused.flatMap(({ name, message }) => {
      const setting = settings.get(name);
      return setting ? [`${describe(name, setting)}: ${message}`] : [];
    }),
    ...findUntrusted(settings, given, sources.file),
    ...(backends ? findKeyless(backends) : []),
    ...(configFile?.problems ?? []),
    ...(backends && configFile
      ? findUnknownBackends(configFile.routes, [...backends.map(({ id }) => id), ...configFile.faulty])
      : []),
  ];
  if (problems.length > 0 || !values || !backends) {
    const search = sources.search ?? (() => ({ searched: [], passedOver: undefined }));
    throw new ConfigError(problems, keyMissing ? search() : undefined);
  }
  const routes = configFile?.routes ?? [];
  return Object.freeze({
    ...values,
    backend: Object.freeze(backends[0]),
    backends,
    routes,
    models: Object.freeze({ ...values.models, ...readTierModels(routes) }),
    envFile: sources.file?.path,
    configFile: configFile?.path,
    secretVariables: configFile?.secretVariables ?? [],
    proxies: pickProxyVariables(sources.env),
    warnings: [
      ...(sources.warnings ?? []),
      ...(configFile?.warnings ?? []),
      ...findMisspelled(sources.env),
      ...findUselessSearch(values.search),
    ],
  });
}

/** A warning about a search service that cannot be asked. */
function findUselessSearch({ api, ...rest }: Config["search"]): string[] {
  const missing = api && findMissingSetting({ api, ...rest });
  return missing ? [`SEARCH_API=${api} needs ${missing}, which is not set; web searches will fail`] : [];
}

/** The settings in force, and the defaults of the others. */
function chooseSettings(sources: ConfigSources) {
  const given = gather(sources);
  const settings = sources.demo ? forDemo(given) : given;
  const configFile = sources.demo ? undefined : sources.configFile;
  const usual = configFile?.backends[0];
  const isFileDefault = usual !== undefined && !given.has("OPENAI_API_KEY") && !given.has("OPENAI_BASE_URL");
  const ofFile = isFileDefault ? { OPENAI_API_KEY: usual.apiKey, OPENAI_BASE_URL: usual.baseUrl } : {};
  // Without its mistakes, the file might have a backend.
  const ofBroken = configFile?.problems.length ? { OPENAI_API_KEY: noKey } : {};
  const fallbacks = { ...sources.fallbacks, ...ofBroken, ...ofFile };
  return { given, settings, fallbacks, ofFile, configFile, isFileDefault };
}

/** The models that the routes of tiers try first. */
function readTierModels(routes: readonly RouteConfig[]): Partial<Config["models"]> {
  return Object.fromEntries(
    routes.flatMap(({ when, targets: [first] }) =>
      when.kind === "tier" && first ? [[when.tier, first.model]] : [],
    ),
  );
}

export type ListedSetting = {
  readonly name: string;
  /** As it may be shown: secrets are hidden. */
  readonly value: string;
  /** Where the value comes from, in words. */
  readonly origin: string;
};

/** Every variable and the text in force, whether or not it is valid; with the demo, none of those about a backend. */
export function listSettings(sources: ConfigSources): ListedSetting[] {
  const chosen = { ...chooseSettings(sources), file: sources.file };
  const { settings } = chosen;
  return variables
    .filter(({ ofBackend }) => !(sources.demo && ofBackend))
    .flatMap((row) => {
      const prefix = prefixOf(row);
      const names =
        prefix === undefined ? [row.name] : [...settings.keys()].filter((name) => name.startsWith(prefix));
      return names.map((name) => listSetting(name, row, chosen));
    })
    .concat(chosen.configFile ? listFile(chosen.configFile) : []);
}

/** The backends, routes and aliases of a `config.toml`. */
function listFile({ path: origin, backends, routes }: ConfigFile): ListedSetting[] {
  return [
    ...backends.map(({ id, baseUrl }) => ({ name: `backends.${id}`, value: showWhole(baseUrl), origin })),
    ...routes.map(({ when, key, targets }) => ({
      name: `${when.kind === "alias" ? "aliases" : "routes"}.${key}`,
      value: showWhole(targets.map(({ backend, model }) => `${backend}@${model}`).join(", ")),
      origin,
    })),
  ];
}

function listSetting(
  name: string,
  row: Variable,
  {
    settings,
    file,
    configFile,
    fallbacks,
    ofFile,
  }: ReturnType<typeof chooseSettings> & Pick<ConfigSources, "file">,
): ListedSetting {
  const setting = settings.get(name);
  if (!setting) {
    const text = chooseText(row, settings, fallbacks);
    const isSet = typeof text === "string" && text !== "";
    return {
      name,
      value: isSet ? (row.secret ? hideValue(text) : showWhole(text)) : "(not set)",
      origin: isSet && name in ofFile ? (configFile?.path ?? "") : "default",
    };
  }
  const origins = { flag: flagFor(name), environment: "environment", file: file?.path ?? ".env" };
  return {
    name,
    value: row.secret ? hideValue(setting.text) : showWhole(setting.text),
    origin: origins[setting.from],
  };
}

/** The whole value, for its owner: without what looks like a key or a password, and what steers a terminal. */
function showWhole(text: string): string {
  return redact(text)
    .replace(/(:\/\/)[^/?#]*@/, "$1***@")
    .replace(/\p{Cc}/gu, " ");
}

/** Every known variable that is set, from the place with the highest precedence. */
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
      // Bun may have put the file's variables into the environment; they still count as the file's.
      const isEcho = from === "environment" && settings.get(name)?.text === text;
      if (text && findVariable(name) && !isEcho) settings.set(name, { text, from });
    }
  return settings;
}

function forDemo(given: Settings): Settings {
  const kept = [...given].filter(([name]) => !findVariable(name)?.ofBackend);
  return new Map([...kept, ["OPENAI_API_KEY", { text: "demo", from: "flag" }]]);
}

/** The given text, or its default; by name for a row of all variables with a prefix. */
function chooseText(
  row: Variable,
  settings: Settings,
  fallbacks: Readonly<Record<string, string>>,
): string | Readonly<Record<string, string>> | undefined {
  const { name, fallback } = row;
  const textOf = (other: string): string | undefined => settings.get(other)?.text;
  const known = (other: string): string | undefined => textOf(other) ?? fallbacks[other];
  const prefix = prefixOf(row);
  if (prefix !== undefined) {
    const family = [...settings].filter(([other]) => other.startsWith(prefix));
    return Object.fromEntries(family.map(([other, { text }]) => [other, text]));
  }
  const own = typeof fallback === "object" ? fallback.choose?.(known) : fallback;
  return textOf(name) ?? fallbacks[name] ?? own;
}

/**
 * The working directory may be someone else's repository. What its `.env` says about where a key is sent, or who may
 * use it, counts only for a key in the same file.
 */
function findUntrusted(settings: Settings, given: Settings, file: EnvFile | undefined): string[] {
  if (!file || file.trusted) return [];
  const isFromFile = (key: string) => file.values[key]?.trim() === given.get(key)?.text;
  const findForeign = (sends: string | undefined): string | undefined => {
    if (!given.has("OPENAI_API_KEY") || !isFromFile("OPENAI_API_KEY")) return "OPENAI_API_KEY";
    return sends === undefined || isFromFile(sends) ? undefined : sends;
  };
  return [...settings].flatMap(([name, setting]) => {
    const variable = findVariable(name);
    if (setting.from !== "file") return [];
    const foreign = variable?.guarded ? findForeign(variable.sends) : undefined;
    if (foreign === undefined && !variable?.isPath) return [];
    const reason = foreign === undefined ? "" : ` and ${foreign} comes from elsewhere`;
    return [
      `${describe(name, setting)}: ${file.path} may not set this, because it was found in the working ` +
        `directory${reason}; if you trust the file, name it with --env-file`,
    ];
  });
}

/** What must never be shown: the keys, and the custom headers, which may hold some. */
export function listSecrets({
  backends,
  server,
  search,
  telemetry,
}: Pick<Config, "backends" | "server" | "search" | "telemetry">): string[] {
  return [
    ...backends.flatMap(({ apiKey, spareKeys, customHeaders }) => [
      apiKey,
      ...spareKeys,
      ...Object.values(customHeaders),
    ]),
    server.clientKey ?? "",
    server.metricsKey ?? "",
    ...server.clients.keys.map(({ key }) => key ?? ""),
    ...Object.values(telemetry.headers),
    search.key ?? "",
  ];
}

/** How a problem shows a setting: the name the operator used, and the value as far as it cannot be a secret. */
function describe(name: string, { text, from }: Setting): string {
  const label = from === "flag" ? flagFor(name) : name;
  const value = findVariable(name)?.secret ? hideValue(text) : showValue(text);
  return value.startsWith("(") ? `${label} ${value}` : `${label}=${value}`;
}

/** The flag that sets a variable. A key is never an argument, because every process of the machine could read it. */
function flagFor(name: string): string {
  return name === "OPENAI_API_KEY" ? "--api-key-stdin" : `--${name.toLowerCase().replaceAll("_", "-")}`;
}
