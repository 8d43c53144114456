/** Says where the proxy listens: the banner for people, one line of JSON and the ready file for programs. */
import { clientVariables, knownNames } from "../catalog/claude-code/claude-code.ts";
import type { Config } from "../config/read-config.ts";
import { isLoopback } from "../lib/host.ts";
import { leavesOpen } from "../plan/fill-tiers.ts";
import { familyOf, tiers } from "../plan/map-model.ts";
import type { Cassette } from "../upstream/transport/cassette/tape.ts";
import { describeBackends, describeRoutes } from "./describe-routes.ts";
import { describeVersion } from "./version.ts";

export type Announcement = {
  readonly name: string;
  readonly version: string;
  /** The process to send signals to. */
  readonly pid: number;
  readonly readyFile: string | undefined;
  /** Prints a line for the user. */
  readonly print: (line: string) => void;
  readonly demo: boolean;
  readonly cassette: Cassette | undefined;
};

type Place = { readonly config: Config; readonly url: string };

/**
 * Whoever reads this may act at once, so the caller must be ready for signals.
 * @returns removes the ready file
 * @throws Error, worded for the user, if the ready file cannot be written
 */
export async function announce(options: Announcement, { config, url }: Place): Promise<() => void> {
  const { demo, cassette, name, version, pid, readyFile, print } = options;
  const port = Number(readPort(url));
  const line = JSON.stringify({ event: "listening", url, port, pid, version });
  const removeFile = readyFile === undefined ? () => {} : await writeFile(readyFile, `${line}\n`);
  const banner = describeServing({ config, demo, cassette, title: describeVersion(name, version), url });
  for (const text of config.log.format === "json" ? [line] : banner) print(text);
  return removeFile;
}

async function writeFile(path: string, text: string): Promise<() => void> {
  const { writeReadyFile } = await import("./write-ready-file.ts");
  return writeReadyFile(path, text);
}

type Facts = Place & Pick<Announcement, "demo" | "cassette"> & { readonly title: string };

/** The banner, one line per item; the last lines are meant to be copied. Contains no secrets. */
export function describeServing({ config, demo, cassette, title, url }: Facts): string[] {
  const { server } = config;
  const { clientKey, clients } = server;
  const names = new Set(clients.keys.map(({ name }) => name));
  const open = clientKey === undefined && names.size === 0;
  const token = open ? "anything" : clientKey === undefined ? "YOUR_KEY" : "YOUR_ANTHROPIC_API_KEY";
  const lines = [
    `${title} listens on ${url}`,
    `  address  ${describeAddress(server.host, url)}`,
    `  clients  ${describeClients(clientKey !== undefined, names.size)}`,
    `  backend  ${describeBackend({ config, demo, cassette })}`,
    ...describeModels(config),
  ];
  for (const file of [config.envFile, config.configFile])
    if (file !== undefined) lines.push(`  read     ${file}`);
  if (open && !isLoopback(server.host))
    lines.push(
      `  WARNING  ${server.host} can be reached from other machines and no client key is set: anyone there can`,
      "           spend your backend key; set ANTHROPIC_API_KEY, or --host 127.0.0.1",
    );
  lines.push("", `${clientVariables.baseUrl}=${url} ${clientVariables.authToken}=${token} claude`);
  if (demo) lines.push(demoRequest(url, token));
  return lines;
}

function describeClients(hasKey: boolean, named: number): string {
  if (named === 0) return hasKey ? "must send the key in ANTHROPIC_API_KEY" : "need no key";
  const places = hasKey ? "in ANTHROPIC_API_KEY, or one in CLIENT_KEYS" : "in CLIENT_KEYS";
  return `must send ${hasKey ? "the" : "a"} key ${places}, which has ${named === 1 ? "one name" : `${named} names`}`;
}

/** The tiers, or the whole table if there is more than one backend. */
function describeModels(config: Config): string[] {
  const routes = describeRoutes(config);
  if (routes.length === 0) return [`  models   ${describeTiers(config.models)}`];
  return routes.map((route, at) => `  ${(at === 0 ? "routes" : "").padEnd(7)}  ${route}`);
}

function describeTiers(models: Config["models"]): string {
  if (leavesOpen(models))
    return "chosen from the backend's list, which has not been read yet; or set BIG_MODEL";
  return tiers.map((tier) => `${familyOf[tier]} → ${models[tier]}`).join(", ");
}

/** Where it really listens: the URL is the one for this machine. */
function describeAddress(host: string, url: string): string {
  const address = `${host.includes(":") ? `[${host}]` : host}:${readPort(url)}`;
  if (isLoopback(host)) return `${address}, for this machine only`;
  const isEvery = host === "0.0.0.0" || host === "::";
  return `${address}, ${isEvery ? "every network interface" : "also for other machines"}`;
}

/** A URL does not show the usual port. */
function readPort(url: string): string {
  return new URL(url).port || "80";
}

function describeBackend({ config, demo, cassette }: Omit<Facts, "title" | "url">): string {
  if (cassette?.mode === "replay") return `recorded in ${cassette.directory}`;
  const place = demo ? "built-in demo: canned answers, no model" : describeBackends(config);
  return cassette ? `${place}, recorded in ${cassette.directory}` : place;
}

function demoRequest(url: string, token: string): string {
  const body = JSON.stringify({
    model: knownNames.sonnet,
    max_tokens: 256,
    messages: [{ role: "user", content: "Hello" }],
  });
  const headers = ["content-type: application/json", "anthropic-version: 2023-06-01", `x-api-key: ${token}`];
  return `curl ${url}/v1/messages ${headers.map((header) => `-H '${header}'`).join(" ")} -d '${body}'`;
}
