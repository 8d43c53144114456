/**
 * The real Claude Code, from npm, through the real proxy, against a scripted backend. Prints one line per scenario,
 * followed by the reasons and the proxy's log if it failed; exits with 1 if any did.
 */
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { type FakeUpstream, startFakeUpstream, status, upstreamKey } from "../test/support/fake-upstream.ts";
import { compressionScenarios } from "./claude-code/compression.ts";
import { installCli } from "./claude-code/install-cli.ts";
import { refusalScenarios } from "./claude-code/refusals.ts";
import { responsesScenarios } from "./claude-code/responses.ts";
import { routeScenarios } from "./claude-code/routes.ts";
import { runInWorkspace } from "./claude-code/run-in-workspace.ts";
import { modelList, runScenarios } from "./claude-code/run-scenarios.ts";
import { play, type Scenario } from "./claude-code/scenario.ts";
import { scenarios as proxyScenarios } from "./claude-code/scenarios.ts";
import { type ProxyProcess, startProxy, waitForProxy } from "./claude-code/start-proxy.ts";
import { strictScenarios } from "./claude-code/strict-backends.ts";
import { playThreeProtocols, threeProtocols } from "./claude-code/three-protocols.ts";
import { visionScenarios } from "./claude-code/vision.ts";

const scenarios = [
  ...proxyScenarios,
  ...runScenarios,
  ...compressionScenarios,
  ...refusalScenarios,
  ...strictScenarios,
  ...visionScenarios,
  ...responsesScenarios,
  ...routeScenarios,
];

const usage = `Usage: ./scripts/smoke-claude-code [--version VERSION]... [--only SCENARIO]... [--proxy-url URL]

  --version    a version of Claude Code; 2.1.332 and 2.1.197 by default
  --only       one of the scenarios below; all by default
  --proxy-url  use a proxy that you start: prints the backend to configure, and waits for the proxy

Scenarios: ${[...scenarios.map(({ name }) => name), threeProtocols].join(", ")}`;

const cache = `${import.meta.dir}/../.tools`;
const limitMs = 60_000;
/** Enough of the proxy's log to explain a failure. */
const logLines = 20;

type Choice = {
  readonly versions: readonly string[];
  readonly scenarios: readonly Scenario[];
  /** Whether the session over several backends, which has a proxy of its own, is played too. */
  readonly overProtocols: boolean;
  readonly proxyUrl: string | undefined;
};

/** Undefined if only the usage is to be shown. @throws Error for unknown arguments */
function readChoice(args: string[]): Choice | undefined {
  const { values } = parseArgs({
    args,
    options: {
      version: { type: "string", multiple: true, default: ["2.1.332", "2.1.197"] },
      only: { type: "string", multiple: true },
      "proxy-url": { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const names = [...scenarios.map(({ name }) => name), threeProtocols];
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no scenario "${unknown}"; see --help`);
  return {
    versions: values.version,
    scenarios: scenarios.filter(({ name }) => values.only?.includes(name) ?? true),
    overProtocols: values["proxy-url"] === undefined && (values.only?.includes(threeProtocols) ?? true),
    proxyUrl: values["proxy-url"]?.replace(/\/+$/, ""),
  };
}

/** @returns how many scenarios failed */
async function playAll(
  choice: Choice,
  backend: FakeUpstream,
  proxies: ReadonlyMap<string, ProxyProcess>,
  workspace: string,
): Promise<number> {
  let failed = 0;
  for (const version of choice.versions) {
    const program = await installCli(version, cache);
    for (const scenario of choice.scenarios.filter(({ since }) => canPlay(version, since))) {
      const proxy = proxies.get(placeOf(scenario));
      if (!proxy) throw new Error(`Cannot run ${scenario.name}: no proxy has its backend`);
      proxy.takeLog();
      const startedAt = performance.now();
      const root = `${workspace}/${version}-${scenario.name}`;
      const path = process.env.PATH ?? "/usr/bin:/bin";
      const faults = await play(scenario, { root, program, proxyUrl: proxy.url, backend, path, limitMs });
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${faults.length === 0 ? "ok" : "FAIL"} ${version} ${scenario.name} (${seconds} s)`);
      if (faults.length === 0) continue;
      failed += 1;
      const log = proxy.takeLog().trimEnd().split("\n").slice(-logLines);
      console.log([...faults, ...log].map((line) => `  ${line}`).join("\n"));
    }
    if (!choice.overProtocols) continue;
    const root = `${workspace}/${version}-${threeProtocols}`;
    const faults = await playThreeProtocols({
      root,
      program,
      path: process.env.PATH ?? "/usr/bin:/bin",
      limitMs,
    });
    console.log(`${faults.length === 0 ? "ok" : "FAIL"} ${version} ${threeProtocols}`);
    if (faults.length === 0) continue;
    failed += 1;
    console.log(faults.map((line) => `  ${line}`).join("\n"));
  }
  return failed;
}

function canPlay(version: string, since = version): boolean {
  return Bun.semver.order(version, since) >= 0;
}

/** What its proxy is set to: scenarios with the same settings share one. */
function placeOf({ backend = "generic", settings = {}, configFile = "" }: Scenario): string {
  return [backend, ...Object.entries(settings).flat(), configFile].join("-");
}

const extensions = [
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "extra_content",
  "extra_body",
  "session_id",
  "openrouter:web_search",
];

async function main(args: string[], workspace: string): Promise<number> {
  const choice = readChoice(args);
  if (!choice) {
    console.log(usage);
    return 0;
  }
  // Reasoning is sent back in fields that OpenAI itself does not know.
  const backend = await startFakeUpstream(status(500), {
    extensions,
    models: modelList,
    speaks: ["chat", "responses"],
  });
  if (choice.proxyUrl) console.log(`Waiting for a proxy at ${choice.proxyUrl}; start it with`);
  if (choice.proxyUrl) console.log(`OPENAI_BASE_URL=${backend.url} OPENAI_API_KEY=${upstreamKey}`);
  const proxies = new Map<string, ProxyProcess>();
  for (const scenario of choice.scenarios) {
    const place = placeOf(scenario);
    if (proxies.has(place)) continue;
    const home = `${workspace}/proxy-${proxies.size}`;
    mkdirSync(home);
    const { backend: name = "generic", settings = {}, configFile } = scenario;
    if (configFile !== undefined)
      await Bun.write(`${home}/.config/claude-code-proxy/config.toml`, configFile);
    const start = choice.proxyUrl
      ? waitForProxy(choice.proxyUrl)
      : startProxy(backend.url, home, name, settings);
    proxies.set(place, await start);
  }
  try {
    const failed = await playAll(choice, backend, proxies, workspace);
    const played = choice.versions.flatMap((version) =>
      choice.scenarios.filter(({ since }) => canPlay(version, since)),
    );
    const count = played.length + (choice.overProtocols ? choice.versions.length : 0);
    console.log(`${count - failed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
    await backend.close();
  }
}

await runInWorkspace("smoke-claude-code", main);
