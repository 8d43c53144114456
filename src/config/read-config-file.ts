/**
 * `config.toml`: backends, routes and aliases, for users of more than one backend. Everything that is wrong with it is
 * reported at once, with its line. Keys need not be written in it: `${NAME}` is a variable of the environment, and
 * `file:PATH` a file.
 */
import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { backendNames } from "../catalog/backends/known-backends.ts";
import { isNativeAddress } from "../catalog/choose-quirks.ts";
import { type ProtocolName, protocolNames } from "../catalog/quirks.ts";
import { findNearest } from "../lib/suggest-word.ts";
import { baseUrl, type Format, findHeaderProblem, key, Misfit, oneOf } from "./formats.ts";
import { type BackendConfig, noKey } from "./list-backends.ts";
import { locateKey } from "./locate-key.ts";
import { callersKey, createSecretReader, type SecretReader, type SecretSource } from "./read-secrets.ts";
import {
  type ConfigFile,
  findMisspelledRoute,
  isKnownCase,
  type RouteConfig,
  type RouteKey,
  readRouteKey,
  readTarget,
} from "./route-config.ts";
import { findVariable } from "./variables.ts";

type ConfigFileSource = SecretSource & {
  readonly text: string;
  /** Whether other users of the machine may read it. */
  readonly isShared: boolean;
};

const tableNames: readonly string[] = ["backends", "routes", "aliases"];

/** Names of backends that are made from variables. */
const reservedNames: readonly string[] = ["default", "big", "middle", "small"];

export function readConfigFile(source: ConfigFileSource): ConfigFile {
  const { path, text } = source;
  const nothing = { path, backends: [], faulty: [], routes: [], secretVariables: [], warnings: [] };
  let value: unknown;
  try {
    value = parse(text);
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    return { ...nothing, problems: [`${path}, line ${thrown.line}: ${describeTomlError(thrown)}`] };
  }
  const secrets = createSecretReader(source);
  const places: Places = {
    path,
    lineOf: (keys) => locateKey(text, keys),
    listNames: () => listSettingNames(secrets),
  };
  const parsed = fileSchema(secrets).safeParse(value);
  const issues = parsed.error?.issues ?? [];
  // The rest may have mistakes of its own, which are to be reported as well.
  const valid = parsed.data ?? fileSchema(secrets).safeParse(leaveOut(value, issues)).data;
  if (!valid) return { ...nothing, problems: issues.flatMap((issue) => describeIssue(issue, places)) };
  const { backends, routes, aliases } = valid;
  const read = readRoutes(routes, aliases, places);
  return {
    path,
    backends: Object.entries(backends).map(([id, backend]) => toBackend(id, backend)),
    faulty: [
      ...new Set(issues.flatMap(({ path: [table, id] }) => (table === "backends" ? [String(id)] : []))),
    ],
    routes: read.routes,
    secretVariables: secrets.listVariables(),
    problems: [...issues.flatMap((issue) => describeIssue(issue, places)), ...read.problems],
    warnings: [
      ...(secrets.sawKey() && source.isShared
        ? [`${path} contains a key and can be read by other users; chmod 600 it`]
        : []),
      ...read.routes.flatMap((route) => findMisspelledRoute(route) ?? []),
    ],
  };
}

/** The file without the backends, routes and aliases that have mistakes, and without unknown tables. */
function leaveOut(file: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const tables = z.record(z.string(), z.record(z.string(), z.unknown())).safeParse(file).data ?? {};
  const isLeftOut = (table: string, name: string): boolean =>
    issues.some(({ path }) => path[0] === table && path[1] === name);
  return Object.fromEntries(
    Object.entries(tables)
      .filter(([table]) => tableNames.includes(table))
      .map(([table, rows]) => [
        table,
        Object.fromEntries(Object.entries(rows).filter(([name]) => !isLeftOut(table, name))),
      ]),
  );
}

type Places = {
  readonly path: string;
  readonly lineOf: (keys: readonly PropertyKey[]) => number | undefined;
  /** The names that settings may have, for suggestions. */
  readonly listNames: () => readonly string[];
};

const aText = z.string("must be a string");

const positive = (max: number, unit: string) =>
  z
    .number(`must be a number of ${unit}`)
    .positive(`must be greater than 0`)
    .max(max, `must be at most ${max}`);

/** One or several of the same. */
const several = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(
    (given) => (Array.isArray(given) ? given : [given]),
    z.array(schema).min(1, "must not be empty"),
  );

/** A text in the format of a variable. */
const formatted =
  <Value>(format: Format<Value>) =>
  (given: string, context: z.RefinementCtx): Value => {
    try {
      return format(given);
    } catch (thrown) {
      if (!(thrown instanceof Misfit)) throw thrown;
      for (const { message } of thrown.problems) context.addIssue(message);
      return z.NEVER;
    }
  };

/** Headers by their own names. */
const headerSet = z.record(z.string(), z.string()).check(({ value, issues }) => {
  for (const [name, text] of Object.entries(value)) {
    const message = findHeaderProblem(name, text);
    if (message !== undefined) issues.push({ code: "custom", path: [name], message, input: text });
  }
});

function backendSchema({ insert, insertSecret, readKey }: SecretReader) {
  const shape = z.strictObject(
    {
      url: z.string("must be the address of a backend").transform(insert).transform(formatted(baseUrl())),
      keys: z.optional(
        several(aText.transform(readKey).transform(formatted(key()))).refine(
          (keys) => keys.length === 1 || !keys.includes(callersKey),
          `must be "${callersKey}" alone, without other keys`,
        ),
      ),
      dialect: z.optional(aText.transform(formatted(oneOf(backendNames)))),
      protocol: z.optional(aText.transform(formatted(oneOf(protocolNames)))),
      api_version: z.optional(z.string("must be an API version such as 2024-10-21")),
      headers: z.optional(
        z.record(z.string(), aText.transform(insertSecret), "must be a table of headers").pipe(headerSet),
      ),
      timeout: z.optional(positive(86_400, "seconds")),
      first_token_timeout: z.optional(positive(86_400, "seconds")),
      max_concurrent: z.optional(z.int("must be a whole number").min(1, "must be at least 1").max(65_000)),
    },
    "must be a table with a url",
  );
  return shape.refine(({ keys, url, protocol }) => !takesCallersKey(keys) || speaksNative(url, protocol), {
    path: ["keys"],
    message: `must not be "${callersKey}" without protocol = "anthropic": clients have Anthropic keys`,
  });
}

const takesCallersKey = (keys: readonly string[] = []) => keys.includes(callersKey);

function speaksNative(url: string, protocol: ProtocolName | undefined): boolean {
  return protocol === undefined ? isNativeAddress(url) : protocol === "anthropic";
}

const targetText = z.string("must be BACKEND@MODEL").min(1, "must be BACKEND@MODEL");

const routeSettings = z.strictObject({
  targets: several(targetText),
  first_token_timeout: z.optional(positive(86_400, "seconds")),
});

/** A target, several of them, or a table with both the targets and a time limit. */
const routeSchema = z.preprocess(
  (given) =>
    typeof given === "object" && given !== null && !Array.isArray(given) ? given : { targets: given },
  routeSettings,
);

const routeTable = (about: string, name: z.ZodString = z.string()) =>
  z.record(name, routeSchema, about).default({});

const fileSchema = (secrets: SecretReader) =>
  z.strictObject({
    backends: z
      .record(
        z
          .string()
          .regex(/^[A-Za-z\d][\w.-]*$/, "must be a name of letters, digits, dots and dashes")
          .refine(
            (name) => !reservedNames.includes(name),
            "must have another name: the environment variables define a backend of this name",
          ),
        backendSchema(secrets),
        "must be a table of backends",
      )
      .default({}),
    routes: routeTable(
      "must be a table of routes",
      z.string().refine(isKnownCase, "must be in lower case, as the other words for routes are"),
    ),
    aliases: routeTable(
      "must be a table of aliases",
      z.string().regex(/^[^@*]+$/, "must be a name without @ and *, which no request could ask for"),
    ),
  });

type FileValues = z.output<ReturnType<typeof fileSchema>>;

function toBackend(id: string, backend: FileValues["backends"][string]): BackendConfig {
  const isCallers = takesCallersKey(backend.keys);
  const [apiKey = noKey, ...spareKeys] = isCallers ? [] : (backend.keys ?? []);
  return {
    id,
    apiKey,
    spareKeys,
    takesCallersKey: isCallers,
    baseUrl: backend.url,
    name: backend.dialect,
    azureApiVersion: backend.api_version,
    protocol: backend.protocol,
    customHeaders: backend.headers ?? {},
    requestTimeout: backend.timeout,
    firstTokenTimeout: backend.first_token_timeout,
    maxConcurrent: backend.max_concurrent,
  };
}

function readRoutes(
  routes: FileValues["routes"],
  aliases: FileValues["aliases"],
  places: Places,
): { readonly routes: RouteConfig[]; readonly problems: string[] } {
  const problems: string[] = [];
  const read = (table: "routes" | "aliases", name: string, when: RouteKey): RouteConfig => {
    const place = placeOf([table, name], places);
    const row = (table === "routes" ? routes : aliases)[name];
    const targets = (row?.targets ?? []).flatMap((written) => {
      const found = readTarget(written);
      if (found && table === "aliases" && found.model.includes("*"))
        problems.push(
          `${place}: ${written} must name its model; * stands for the name that the client asks for`,
        );
      if (found) return [found];
      const meant =
        table === "routes" && Object.hasOwn(aliases, written)
          ? aliases[written]?.targets.flatMap((each) => readTarget(each) ?? [])
          : undefined;
      if (meant) return meant;
      problems.push(`${place}: ${written} must be BACKEND@MODEL${table === "routes" ? " or an alias" : ""}`);
      return [];
    });
    return { when, key: name, targets, firstTokenTimeout: row?.first_token_timeout, place };
  };
  return {
    routes: [
      ...Object.keys(aliases).map((name) => read("aliases", name, { kind: "alias", name })),
      ...Object.keys(routes).map((name) => read("routes", name, readRouteKey(name))),
    ],
    problems,
  };
}

/** `/p/config.toml, line 7: routes.opus` */
function placeOf(keys: readonly PropertyKey[], { path, lineOf }: Places): string {
  const line = lineOf(keys);
  return `${path}${line === undefined ? "" : `, line ${line}`}: ${keys.map(String).join(".")}`;
}

function listSettingNames(secrets: SecretReader): string[] {
  const settings = { ...backendSchema(secrets).shape, ...routeSettings.shape };
  return [...Object.keys(settings), ...tableNames];
}

function describeIssue(issue: z.core.$ZodIssue, places: Places): string[] {
  // The position in a list is left out: someone who wrote a single key or target would not know what it means.
  const keys = issue.path.filter((step) => step !== "targets" && typeof step !== "number");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((name) => {
      const advice = adviseOnName(name, keys, places);
      return `${placeOf([...keys, name], places)}: there is no such setting${advice}`;
    });
  const said = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [`${placeOf(keys, places)}: ${said}`];
}

/** What may be meant by a name that is no setting, as the end of an error message. */
function adviseOnName(name: string, keys: readonly PropertyKey[], { listNames }: Places): string {
  const isInRoute = keys.length > 1 && ["routes", "aliases"].includes(String(keys[0]));
  const nearest = findNearest(name, isInRoute ? Object.keys(routeSettings.shape) : listNames());
  if (nearest !== undefined) return `; did you mean ${nearest}?`;
  if (isInRoute) return "; put names with dots in quotes";
  return findVariable(name) ? "; variables belong in the environment or in a .env file" : "";
}

function describeTomlError({ message }: TomlError): string {
  const [first = ""] = message.split("\n");
  return first.replace(/^Invalid TOML document: /, "");
}
