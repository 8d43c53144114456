/**
 * Passes on what workers ask one another, and keeps what must outlive each of them: counts, costs, the configuration.
 * Runs in the process that has started them.
 */
import { raceTimer } from "../lib/race-timer.ts";
import type { MetricReport } from "../telemetry/create-series.ts";
import { createDailyCosts } from "../telemetry/daily-costs.ts";
import { mergeMetrics } from "../telemetry/merge-metrics.ts";
import type { Topic } from "../telemetry/peers.ts";
import {
  type AnyReport,
  type Channel,
  type FromWorker,
  isAbout,
  type KeptConfig,
} from "./worker-messages.ts";

/** How long a worker may take to answer, ms. One that is too busy is left out. */
const answerMs = 1000;

type Exchange = {
  /** What a worker says. */
  hear(from: Channel, message: FromWorker): void;
  /** It has ended; what it has counted still counts. */
  forget(worker: Channel): void;
};

/**
 * @param workers all that run
 * @param inherits whether a worker may run with the configuration of the others
 */
export function createExchange(
  workers: () => readonly Channel[],
  inherits: (worker: Channel) => boolean,
): Exchange {
  let lastId = 0;
  const waiting = new Map<number, (from: Channel, report: AnyReport) => void>();
  /** What each worker has counted when it was last asked. */
  const counted = new Map<Channel, readonly MetricReport[]>();
  /** What those had counted that are gone, and who they are. */
  let departed: readonly MetricReport[] = [];
  const gone = new WeakSet<Channel>();
  const costs = createDailyCosts();
  const sharingCosts = new Set<Channel>();
  let kept: KeptConfig | undefined;

  async function ask(topic: Topic): Promise<ReadonlyMap<Channel, AnyReport>> {
    const reports = new Map<Channel, AnyReport>();
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
    const reports: AnyReport[] = [...known]
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
        default:
          message satisfies never;
      }
    },
    forget(worker) {
      sharingCosts.delete(worker);
      depart(worker);
    },
  };
}
