/**
 * `serve` with several workers: processes that share one port, each with a whole proxy. This one only starts them,
 * replaces those that end, and passes on what it is told. Workers end by themselves when it is gone.
 */
import type { Log } from "../telemetry/log.ts";
import { type Order, startWorker, type Worker, type WorkerOptions } from "./start-worker.ts";
import { createExchange } from "./worker-exchange.ts";
import type { Channel } from "./worker-messages.ts";

export type SuperviseOptions = WorkerOptions & { readonly count: number; readonly log: Log };

type Supervisor = {
  /** Resolves when all workers listen. Rejects, with the others stopped, if one ends before it does. */
  readonly started: Promise<void>;
  /** Replaces the workers, one after another, with new ones that read the configuration again. */
  renew(): Promise<void>;
  /** Resolves when all workers have finished what is in progress. */
  stop(): Promise<void>;
  /** Has all workers end what is in progress. */
  cut(): void;
};

/** A worker that ends within this time is likely to do so again, ms. */
const shortLife = 10_000;
/** The pause before such a worker is replaced once more; it doubles each time, ms. */
const minPause = 250;
const maxPause = 30_000;

export function supervise({ count, log, ...options }: SuperviseOptions): Supervisor {
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  /** All that run, including those that only finish their answers. */
  const all = new Set<Worker>();
  /** Those that take requests, or soon will. */
  const current = new Map<number, Worker>();
  const pauseAfter = createPauses();
  let isStopping = false;
  let renewing = Promise.resolve();

  /** Those that take the place of a worker that has ended. */
  const replacements = new WeakSet<Channel>();
  const exchange = createExchange(
    () => [...all].map(({ channel }) => channel),
    (channel) => replacements.has(channel),
  );

  function start(number: number): Worker {
    const worker = startWorker(number, options, exchange.hear);
    all.add(worker);
    void worker.ended.then(({ hasListened }) => {
      all.delete(worker);
      exchange.forget(worker.channel);
      if (hasListened && current.get(number) === worker) void replace(number, worker);
    });
    return worker;
  }

  /** Starts a worker in place of one that has ended, until one listens. */
  async function replace(number: number, ended: Worker): Promise<void> {
    for (let gone = ended; ; ) {
      const { how } = await gone.ended;
      await Bun.sleep(pauseAfter(number, performance.now() - gone.since));
      if (isStopping || current.get(number) !== gone) return;
      log.warning(`Worker ${number} ended; another takes its place`, { end: how });
      const fresh = start(number);
      replacements.add(fresh.channel);
      current.set(number, fresh);
      if (await listens(fresh)) return;
      gone = fresh;
    }
  }

  async function renewAll(): Promise<void> {
    for (const number of numbers) {
      const fresh = start(number);
      if (!(await listens(fresh))) {
        log.error(`Cannot replace worker ${number}: the new one did not start; the old ones stay`);
        return;
      }
      if (isStopping) return;
      const old = current.get(number);
      current.set(number, fresh);
      old?.tell("retire");
    }
    log.info("All workers were replaced; the old ones finish their answers");
  }

  const tellAll = (order: Order): void => {
    for (const worker of all) worker.tell(order);
  };

  async function stop(): Promise<void> {
    isStopping = true;
    tellAll("stop");
    await Promise.all([...all].map((worker) => worker.ended));
  }

  async function startAll(): Promise<void> {
    for (const number of numbers) current.set(number, start(number));
    try {
      await Promise.all([...current.values()].map((worker) => worker.listens));
    } catch (error) {
      await stop();
      throw error;
    }
  }

  return {
    started: startAll(),
    renew() {
      renewing = renewing.then(() => (isStopping ? undefined : renewAll()));
      return renewing;
    },
    stop,
    cut: () => tellAll("cut"),
  };
}

function listens(worker: Worker): Promise<boolean> {
  return worker.listens.then(
    () => true,
    () => false,
  );
}

/** The time to wait before a worker is replaced, ms: at first none, then more for each short life in a row. */
function createPauses(): (number: number, lifetime: number) => number {
  const shortLives = new Map<number, number>();
  return (number, lifetime) => {
    const inARow = lifetime < shortLife ? (shortLives.get(number) ?? 0) + 1 : 0;
    shortLives.set(number, inARow);
    return inARow > 1 ? Math.min(minPause * 2 ** (inARow - 2), maxPause) : 0;
  };
}
