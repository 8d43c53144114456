/**
 * How workers ask one another: through the process that has started them, over the channels that it has to each. Both
 * ends are here.
 */
import type { Config } from "../config/read-config.ts";
import { isObject } from "../lib/json.ts";
import { raceTimer } from "../lib/race-timer.ts";
import type { MetricReport } from "../telemetry/create-series.ts";
import { createDailyCosts, type DailyCosts, listSpendings, type Spending } from "../telemetry/daily-costs.ts";
import { mergeMetrics } from "../telemetry/merge-metrics.ts";
import type { Peers, Reporters, Reports, Topic } from "../telemetry/peers.ts";
import { version } from "../version.ts";

/** How long a worker may take to answer, ms. One that is too busy is left out. */
const answerMs = 1000;
/** How long the whole question may take, ms. */
const gatherMs = 2000;

type Report = Reports[Topic];

/** What is said on a channel. `ask` goes to all workers, `answer` back. */
export type PeerMessage =
  /** A worker wants to know what the others say. */
  | { readonly type: "gather"; readonly id: number; readonly topic: Topic }
  /** It is asked. */
  | { readonly type: "ask"; readonly id: number; readonly topic: Topic }
  | { readonly type: "answer"; readonly id: number; readonly report: Report }
  | { readonly type: "gathered"; readonly id: number; readonly reports: readonly Report[] }
  /** A worker ends, and this is what it has counted. */
  | { readonly type: "leave"; readonly report: Reports["metrics"] }
  /** A worker limits what a day may cost, so it wants to know what all have spent and will spend. */
  | { readonly type: "share-costs" }
  /** What was spent without a limit, or by all before a worker asked. */
  | { readonly type: "spent-before"; readonly spendings: readonly Spending[] }
  /** A message has cost so much; this goes to all others. */
  | { readonly type: "spent"; readonly spending: Spending }
  /** A worker listens, and this is its configuration. */
  | ({ readonly type: "keep-config" } & KeptConfig)
  /** A worker that takes the place of another cannot read its own. */
  | { readonly type: "need-config" }
  | { readonly type: "use-config"; readonly kept: KeptConfig | undefined };

type KeptConfig = {
  readonly config: Config;
  /** That of the program: another may have another idea of a configuration. */
  readonly version: string;
};

const types = [
  "gather",
  "ask",
  "answer",
  "gathered",
  "leave",
  "share-costs",
  "spent-before",
  "spent",
  "keep-config",
  "need-config",
  "use-config",
] as const satisfies readonly PeerMessage["type"][];

/** Only processes of this program are on the channel. */
export function isPeerMessage(message: unknown): message is PeerMessage {
  return isObject(message) && types.some((type) => type === message.type);
}

export type WorkerPeers = Peers & {
  hear(message: PeerMessage): void;
  /** Leaves its configuration to those that may take its place. */
  keepConfig(config: Config): void;
  /** The configuration of the others, if this worker takes the place of one that has ended. */
  inheritConfig(): Promise<Config | undefined>;
  /** Says what this worker has counted, when it will count no more. */
  leave(): void;
};

/** A worker's end. */
export function createWorkerPeers(send: (message: PeerMessage) => void): WorkerPeers {
  let own: Reporters | undefined;
  let costs: DailyCosts | undefined;
  let hasLeft = false;
  const inherited = Promise.withResolvers<KeptConfig | undefined>();
  let lastId = 0;
  const waiting = new Map<number, (reports: readonly Report[]) => void>();
  return {
    answerWith(reporters) {
      own = reporters;
    },
    async gather<Each extends Topic>(topic: Each) {
      lastId += 1;
      const id = lastId;
      const { promise, resolve } = Promise.withResolvers<readonly Report[]>();
      waiting.set(id, resolve);
      send({ type: "gather", id, topic });
      const reports = await raceTimer(promise, gatherMs);
      waiting.delete(id);
      const mine = own ? [own[topic]()] : [];
      return reports ? [...mine, ...reports.filter((report) => isAbout(topic, report))] : mine;
    },
    shareCosts(shared) {
      costs = shared;
      send({ type: "share-costs" });
      return (spending) => send({ type: "spent", spending });
    },
    keepConfig: (config) => send({ type: "keep-config", config, version }),
    async inheritConfig() {
      send({ type: "need-config" });
      const kept = await inherited.promise;
      return kept?.version === version ? kept.config : undefined;
    },
    hear(message) {
      switch (message.type) {
        case "ask":
          if (own) send({ type: "answer", id: message.id, report: own[message.topic]() });
          return;
        case "gathered":
          return waiting.get(message.id)?.(message.reports);
        case "spent-before":
          for (const each of message.spendings) costs?.raise(each);
          return;
        case "spent":
          return costs?.add(message.spending);
        case "use-config":
          return inherited.resolve(message.kept);
      }
    },
    leave() {
      if (!own || hasLeft) return;
      hasLeft = true;
      // Those that replace this one may limit what it did not.
      if (!costs) send({ type: "spent-before", spendings: listSpendings(own.journal()) });
      send({ type: "leave", report: own.metrics() });
    },
  };
}

/** Metrics are a list, a journal is an object. */
function isAbout<Each extends Topic>(topic: Each, report: Report): report is Reports[Each] {
  return Array.isArray(report) === (topic === "metrics");
}

export type Channel = { send(message: PeerMessage): void };

type Exchange = {
  /** What a worker says. */
  hear(from: Channel, message: PeerMessage): void;
  /** It has ended; what it has counted still counts. */
  forget(worker: Channel): void;
};

/**
 * The end of the process that has started the workers.
 * @param workers all that run
 * @param inherits whether a worker may run with the configuration of the others
 */
export function createExchange(
  workers: () => readonly Channel[],
  inherits: (worker: Channel) => boolean,
): Exchange {
  let lastId = 0;
  const waiting = new Map<number, (from: Channel, report: Report) => void>();
  /** What each worker has counted when it was last asked. */
  const counted = new Map<Channel, readonly MetricReport[]>();
  /** What those had counted that are gone, and who they are. */
  let departed: readonly MetricReport[] = [];
  const gone = new WeakSet<Channel>();
  const costs = createDailyCosts();
  const sharingCosts = new Set<Channel>();
  let kept: KeptConfig | undefined;

  async function ask(topic: Topic): Promise<ReadonlyMap<Channel, Report>> {
    const reports = new Map<Channel, Report>();
    const asked = workers();
    lastId += 1;
    const id = lastId;
    const all = Promise.withResolvers<void>();
    waiting.set(id, (from, report) => {
      reports.set(from, report);
      if (reports.size === asked.length) all.resolve();
    });
    for (const worker of asked) worker.send({ type: "ask", id, topic });
    await raceTimer(all.promise, answerMs);
    waiting.delete(id);
    return reports;
  }

  async function gather(asking: Channel, id: number, topic: Topic): Promise<void> {
    const answers = await ask(topic);
    // A counter must not fall, so that a worker too busy to answer counts as it did before.
    const known = topic === "metrics" ? counted : answers;
    const reports: Report[] = [...known]
      .filter(([worker]) => worker !== asking && !gone.has(worker))
      .map(([, report]) => report);
    if (topic === "metrics" && departed.length > 0) reports.unshift(departed);
    asking.send({ type: "gathered", id, reports });
  }

  function depart(worker: Channel, last = counted.get(worker)): void {
    counted.delete(worker);
    if (gone.has(worker)) return;
    gone.add(worker);
    // A gauge says how things are, and it is no more.
    if (last) departed = mergeMetrics([departed, last.filter(({ type }) => type !== "gauge")]);
  }

  return {
    hear(from, message) {
      switch (message.type) {
        case "gather":
          void gather(from, message.id, message.topic);
          return;
        case "answer":
          if (isAbout("metrics", message.report) && !gone.has(from)) counted.set(from, message.report);
          return waiting.get(message.id)?.(from, message.report);
        case "leave":
          return depart(from, message.report);
        case "share-costs":
          sharingCosts.add(from);
          return from.send({ type: "spent-before", spendings: costs.list() });
        case "spent-before":
          for (const each of message.spendings) costs.add(each);
          for (const worker of sharingCosts) worker.send({ type: "spent-before", spendings: costs.list() });
          return;
        case "spent":
          costs.add(message.spending);
          for (const worker of sharingCosts) if (worker !== from) worker.send(message);
          return;
        case "keep-config":
          kept = message;
          return;
        case "need-config":
          return from.send({ type: "use-config", kept: inherits(from) ? kept : undefined });
      }
    },
    forget(worker) {
      sharingCosts.delete(worker);
      depart(worker);
    },
  };
}
