/**
 * How workers ask one another: through the process that has started them, over the channels that it has to each. Both
 * ends are here.
 */
import { isObject } from "../lib/json.ts";
import { raceTimer } from "../lib/race-timer.ts";
import type { MetricReport } from "../telemetry/create-series.ts";
import { mergeMetrics } from "../telemetry/merge-metrics.ts";
import type { Peers, Reporters, Reports, Topic } from "../telemetry/peers.ts";

/** How long a worker may take to answer, ms. One that is too busy is left out. */
const answerMs = 1000;
/** How long the whole question may take, ms. */
const gatherMs = 2000;

type Report = Reports[Topic];

/** What is said on a channel. `ask` goes from a worker to all, `answer` back. */
export type PeerMessage =
  /** A worker wants to know what the others say. */
  | { readonly type: "gather"; readonly id: number; readonly topic: Topic }
  /** It is asked. */
  | { readonly type: "ask"; readonly id: number; readonly topic: Topic }
  | { readonly type: "answer"; readonly id: number; readonly report: Report }
  | { readonly type: "gathered"; readonly id: number; readonly reports: readonly Report[] };

const types = ["gather", "ask", "answer", "gathered"] as const satisfies readonly PeerMessage["type"][];

/** Only processes of this program are on the channel. */
export function isPeerMessage(message: unknown): message is PeerMessage {
  return isObject(message) && types.some((type) => type === message.type);
}

type WorkerPeers = Peers & { hear(message: PeerMessage): void };

/** A worker's end. */
export function createWorkerPeers(send: (message: PeerMessage) => void): WorkerPeers {
  let own: Reporters | undefined;
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
    hear(message) {
      if (message.type === "ask" && own)
        send({ type: "answer", id: message.id, report: own[message.topic]() });
      else if (message.type === "gathered") waiting.get(message.id)?.(message.reports);
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

/** The end of the process that has started the workers. @param others all workers but one */
export function createExchange(others: (asking: Channel) => readonly Channel[]): Exchange {
  let lastId = 0;
  const waiting = new Map<number, (from: Channel, report: Report) => void>();
  /** What each worker has counted when it was last asked. */
  const counted = new Map<Channel, readonly MetricReport[]>();
  let departed: readonly MetricReport[] = [];

  async function gather(asking: Channel, id: number, topic: Topic): Promise<void> {
    const asked = others(asking);
    const reports: Report[] = topic === "metrics" && departed.length > 0 ? [departed] : [];
    if (asked.length > 0) {
      lastId += 1;
      const own = lastId;
      const all = Promise.withResolvers<void>();
      let missing = asked.length;
      waiting.set(own, (from, report) => {
        reports.push(report);
        if (isAbout("metrics", report)) counted.set(from, report);
        missing -= 1;
        if (missing === 0) all.resolve();
      });
      for (const worker of asked) worker.send({ type: "ask", id: own, topic });
      await raceTimer(all.promise, answerMs);
      waiting.delete(own);
    }
    asking.send({ type: "gathered", id, reports });
  }

  return {
    hear(from, message) {
      if (message.type === "gather") void gather(from, message.id, message.topic);
      else if (message.type === "answer") waiting.get(message.id)?.(from, message.report);
    },
    forget(worker) {
      const last = counted.get(worker);
      counted.delete(worker);
      // A gauge says how things are, and it is no more.
      if (last) departed = mergeMetrics([departed, last.filter(({ type }) => type !== "gauge")]);
    },
  };
}
