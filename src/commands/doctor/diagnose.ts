/**
 * Room `commands/doctor/`: what may be wrong on the way from Claude Code to a model, looked at and tried. Not here:
 * `process`, and repairs.
 *
 * `doctor`: starts a proxy of its own and asks it what Claude Code would ask.
 */
import { nameSettings } from "../../config/list-backends.ts";
import type { Config } from "../../config/read-config.ts";
import { toProxyError } from "../../errors.ts";
import { aliasFor } from "../../plan/map-model.ts";
import { createLog } from "../../telemetry/log.ts";
import { createSender, type Sender } from "../../upstream/transport/send.ts";
import { makePrivate, type ProxyOptions, type StartedProxy, startProxy } from "../start-proxy.ts";
import { type Client, createClient } from "./ask-proxy.ts";
import { checkAddress } from "./check-address.ts";
import { checkBackend, isOnly, listTargets } from "./check-backends.ts";
import { groupTiers } from "./check-models.ts";
import { checkUsage } from "./check-usage.ts";
import { bad, type Finding, good, unknown } from "./finding.ts";
import { probeLength, probeModel } from "./probe-model.ts";

type Diagnosis = Pick<ProxyOptions, "config" | "demo" | "capacity"> & {
  /** Told each finding as soon as it is known. */
  readonly report: (finding: Finding) => void;
  /** Time for everything, ms. */
  readonly withinMs: number;
};

/** Tells what it finds, and resolves when all is told. */
export async function diagnose({ config, demo, capacity, report, withinMs }: Diagnosis): Promise<void> {
  const deadline = AbortSignal.timeout(withinMs);
  const sender = createSender(capacity.fetches, config.proxies);
  const learned: string[] = [];
  const log = createLog("WARNING", (line) => void learned.push(line));
  const { key, config: own } = makePrivate(config);
  const port = checkPort(config, sender, deadline);
  const proxy = await startProxy({ config: own, demo, cassette: undefined, capacity, log });
  try {
    report(await port);
    if (config.usage.database !== undefined) report(checkUsage(config.usage.database));
    const isReached = demo || (await reportAddresses(config, report));
    const reached = isReached ? await reportModels(proxy, deadline, report) : new Set<string>();
    if (reached.size > 0) {
      const client = createClient(proxy.url, key, sender, deadline);
      await tryModels(client, proxy, reached, report);
      for (const line of learned.filter((line) => line.includes("Learned what")))
        report(
          unknown("backend", line.replace(/^.*?(?=Learned)/, ""), "nothing: the proxy adapts by itself"),
        );
      const { input, output } = client.spent;
      report(
        good("cost", `these tests used ${count(input)} tokens of prompts and ${count(output)} of answers`),
      );
    }
  } finally {
    proxy.cut();
    await proxy.stop();
  }
}

/** @returns whether any backend can be reached */
async function reportAddresses({ backends, proxies }: Config, report: Diagnosis["report"]): Promise<boolean> {
  const settings = new Map<string, string>();
  for (const { id, baseUrl } of backends) {
    const { origin } = new URL(baseUrl);
    if (!settings.has(origin)) settings.set(origin, nameSettings(id).address);
  }
  const findings = await Promise.all(
    [...settings].map(([address, setting]) => checkAddress(address, proxies, setting)),
  );
  for (const finding of findings.flat()) report(finding);
  return findings.some((ofOne) => !ofOne.some(({ state }) => state === "bad"));
}

/** @returns the names of the backends whose models it makes sense to ask */
async function reportModels(
  proxy: StartedProxy,
  deadline: AbortSignal,
  report: Diagnosis["report"],
): Promise<ReadonlySet<string>> {
  const late = Promise.withResolvers<undefined>();
  deadline.addEventListener("abort", () => late.resolve(undefined), { once: true });
  const reached = proxy.listings.map(async (listing, at) => {
    const read = await Promise.race([listing, late.promise]);
    if (!read) {
      const { baseUrl } = proxy.config.backends[at] ?? proxy.config.backend;
      report(bad("address", `${baseUrl} is silent`, "check the address, and that the server runs"));
      return [];
    }
    const findings = checkBackend(proxy, read);
    for (const finding of findings) report(finding);
    const isOut = findings.some(
      ({ topic, state }) => state === "bad" && (topic === "address" || topic === "key"),
    );
    return isOut ? [] : [read.site.backend.id];
  });
  return new Set((await Promise.all(reached)).flat());
}

/** Models that are tried: each costs something. */
const maxProbes = 8;

/** @param reached the backends that can be asked */
async function tryModels(
  client: Client,
  proxy: StartedProxy,
  reached: ReadonlySet<string>,
  report: Diagnosis["report"],
): Promise<void> {
  const { models } = proxy.config;
  const named = isOnly(proxy.config)
    ? groupTiers(models).flatMap(([model]) => (model === "" ? [] : [model]))
    : listTargets(proxy).filter((target) => reached.has(target.slice(0, target.indexOf("@"))));
  const answering = await Promise.all(
    named.slice(0, maxProbes).map(async (model) => {
      const findings = await probeModel(client, aliasFor(model), model);
      for (const finding of findings) report(finding);
      return findings[0]?.state === "good" ? [model] : [];
    }),
  );
  // Last, because a slow server reads it for a long time.
  const [first] = answering.flat();
  if (first !== undefined) report(await probeLength(client, aliasFor(first), first));
}

/** Whether `serve` could listen. */
async function checkPort({ server }: Config, sender: Sender, deadline: AbortSignal): Promise<Finding> {
  if (server.port === 0) return good("port", "a free port is picked");
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  const url = `http://${/^(?:0\.0\.0\.0|\[::\])$/.test(host) ? "127.0.0.1" : host}:${server.port}`;
  try {
    const answer = await sender.send({
      method: "GET",
      url: `${url}/health`,
      headers: {},
      silenceMs: 1000,
      signal: deadline,
    });
    answer.release();
    return answer.status === 200
      ? good("port", `something is running at ${url}, perhaps this proxy`)
      : bad("port", `another program listens at ${url}`, "choose another PORT");
  } catch (thrown) {
    return toProxyError(thrown).kind === "unreachable"
      ? good("port", `${server.port} is free`)
      : bad("port", `another program listens at ${url}`, "choose another PORT");
  }
}

function count(tokens: number): string {
  return tokens.toLocaleString("en");
}
