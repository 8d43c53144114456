/** A worker's end of the channel by which workers ask one another: the process that has started them passes it on. */
import type { Config } from "../config/read-config.ts";
import { raceTimer } from "../lib/race-timer.ts";
import { type DailyCosts, listSpendings } from "../telemetry/daily-costs.ts";
import type { Peers, Reporters, Topic } from "../telemetry/peers.ts";
import { version } from "../version.ts";
import {
  type AnyReport,
  type FromWorker,
  isAbout,
  type KeptConfig,
  type ToWorker,
} from "./worker-messages.ts";

/** How long the whole question may take, ms. */
const gatherMs = 2000;

export type WorkerPeers = Peers & {
  hear(message: ToWorker): void;
  /** Leaves its configuration to those that may take its place. */
  keepConfig(config: Config): void;
  /** The configuration of the others, if this worker takes the place of one that has ended. */
  inheritConfig(): Promise<Config | undefined>;
  /** Says what this worker has counted, when it will count no more. */
  leave(): void;
};

/** @param send to the process that has started the workers */
export function createWorkerPeers(send: (message: FromWorker) => void): WorkerPeers {
  let own: Reporters | undefined;
  let costs: DailyCosts | undefined;
  let hasLeft = false;
  const inherited = Promise.withResolvers<KeptConfig | undefined>();
  let lastId = 0;
  const waiting = new Map<number, (reports: readonly AnyReport[]) => void>();
  return {
    answerWith(reporters) {
      own = reporters;
    },
    async gather<Each extends Topic>(topic: Each) {
      lastId += 1;
      const id = lastId;
      const { promise, resolve } = Promise.withResolvers<readonly AnyReport[]>();
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
        default:
          message satisfies never;
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
