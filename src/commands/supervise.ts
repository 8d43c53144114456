/**
 * `serve` with several workers: processes that share one port, each with a whole proxy. This one only starts them,
 * replaces those that end, and passes on what it is told. Workers end by themselves when it is gone.
 */
import type { Log } from "../telemetry/log.ts";
import { workerVariable } from "./worker-variable.ts";

/** What a worker says when it listens. */
export const listening = "listening";

/**
 * What a worker is told: to refuse new requests and end with the last answer; to leave new requests to the others and
 * do the same; to end its answers in an error.
 */
export const orders = ["stop", "retire", "cut"] as const;
export type Order = (typeof orders)[number];

export type SuperviseOptions = {
  readonly count: number;
  /** The program, and what follows it. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What each worker reads from stdin. */
  readonly stdin: string | undefined;
  readonly log: Log;
};

type Supervisor = {
  /** Resolves when all workers listen. Rejects, with the others stopped, if one ends before it does. */
  readonly started: Promise<void>;
  /** Replaces the workers, one after another, by new ones that read the configuration anew. */
  renew(): Promise<void>;
  /** Resolves when all workers have finished what is in progress. */
  stop(): Promise<void>;
  /** Has all workers end what is in progress. */
  cut(): void;
};

type Worker = {
  readonly child: Bun.Subprocess;
  readonly since: number;
  /** Rejects if it ends before it listens. */
  readonly listens: Promise<void>;
  tell(order: Order): void;
};

/** A worker that ends within this time has a fault that may stay, ms. */
const shortLife = 10_000;
/** The pause before such a worker is replaced again; it doubles each time, ms. */
const minPause = 250;
const maxPause = 30_000;

export function supervise({ count, command, env, stdin, log }: SuperviseOptions): Supervisor {
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  /** All that run, with those that only finish their answers. */
  const all = new Set<Worker>();
  /** Those that take requests, or soon will. */
  const current = new Map<number, Worker>();
  /** Number → how many workers in a row had a short life. */
  const shortLives = new Map<number, number>();
  let isStopping = false;
  let renewing: Promise<void> | undefined;

  function start(number: number): Worker {
    const ready = Promise.withResolvers<void>();
    let hasListened = false;
    // Whoever starts it also waits; this one only keeps a rejection from being unhandled.
    ready.promise.catch(() => {});
    const child = Bun.spawn([...command], {
      env: { ...env, [workerVariable]: String(number) },
      stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
      stdout: "inherit",
      stderr: "inherit",
      ipc(message: unknown) {
        if (message !== listening) return;
        hasListened = true;
        ready.resolve();
      },
    });
    const worker: Worker = {
      child,
      since: performance.now(),
      listens: ready.promise,
      tell(order) {
        try {
          child.send(order);
        } catch {
          // It has ended, or is about to.
        }
      },
    };
    all.add(worker);
    void child.exited.then(() => {
      all.delete(worker);
      ready.reject(new Error(`Cannot start: worker ${number} ended with ${describeEnd(child)}`));
      if (hasListened && current.get(number) === worker) void replace(number, worker);
    });
    return worker;
  }

  /** Starts a worker in place of one that has ended, until one listens. */
  async function replace(number: number, ended: Worker): Promise<void> {
    for (let gone = ended; ; ) {
      const isShort = performance.now() - gone.since < shortLife;
      const inARow = isShort ? (shortLives.get(number) ?? 0) + 1 : 0;
      shortLives.set(number, inARow);
      if (inARow > 1) await Bun.sleep(Math.min(minPause * 2 ** (inARow - 2), maxPause));
      if (isStopping || current.get(number) !== gone) return;
      log.warning(`Worker ${number} ended; another takes its place`, { end: describeEnd(gone.child) });
      const fresh = start(number);
      current.set(number, fresh);
      if (await listens(fresh)) return;
      gone = fresh;
    }
  }

  async function renewAll(): Promise<void> {
    for (const number of numbers) {
      const fresh = start(number);
      if (!(await listens(fresh))) {
        log.error(`Cannot replace worker ${number}: the new one does not start; the others go on`);
        return;
      }
      if (isStopping) return;
      const old = current.get(number);
      current.set(number, fresh);
      old?.tell("retire");
    }
    log.info("All workers are replaced; the old ones finish their answers");
  }

  const tellAll = (order: Order): void => {
    for (const worker of all) worker.tell(order);
  };

  async function stop(): Promise<void> {
    isStopping = true;
    tellAll("stop");
    await Promise.all([...all].map((worker) => worker.child.exited));
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
    async renew() {
      const before = renewing;
      const own = (async () => {
        await before;
        if (!isStopping) await renewAll();
      })();
      renewing = own;
      await own;
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

function describeEnd({ exitCode, signalCode }: Bun.Subprocess): string {
  return signalCode === null ? `exit code ${exitCode}` : String(signalCode);
}
