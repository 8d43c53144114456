/** One worker of several: a process that runs the whole proxy, and is told over a channel what to do. */
import { raceTimer } from "../lib/race-timer.ts";
import { type Channel, type FromWorker, isFromWorker, type ToWorker } from "./worker-messages.ts";
import { workerVariable } from "./worker-variable.ts";

/** How long the channel of a worker that has ended may stay open, ms. */
const farewellMs = 1000;

/** What a worker says when it listens. */
export const listening = "listening";

/**
 * What a worker is told: to refuse new requests and end with the last answer; to leave new requests to the others and
 * do the same; to end its answers in an error.
 */
export const orders = ["stop", "retire", "cut"] as const;
export type Order = (typeof orders)[number];

export type WorkerOptions = {
  /** The program, and what follows it. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What each worker reads from stdin. */
  readonly stdin: string | undefined;
};

export type Worker = {
  /** When it was started, as in `performance.now()`. */
  readonly since: number;
  /** Rejects if it ends before it listens. */
  readonly listens: Promise<void>;
  readonly ended: Promise<WorkerEnd>;
  /** Does nothing once it has ended. */
  tell(order: Order): void;
  /** The same, for what other workers ask it. */
  readonly channel: Channel;
};

type WorkerEnd = {
  /** Its exit code or signal, in words. */
  readonly how: string;
  readonly hasListened: boolean;
};

/**
 * @param number by which the log names it
 * @param hear what it says to other workers
 */
export function startWorker(
  number: number,
  { command, env, stdin }: WorkerOptions,
  hear: (from: Channel, message: FromWorker) => void,
): Worker {
  const ready = Promise.withResolvers<void>();
  let hasListened = false;
  // Whoever starts it also waits; this one only keeps a rejection from being unhandled.
  ready.promise.catch(() => {});
  const disconnected = Promise.withResolvers<void>();
  const child = Bun.spawn([...command], {
    env: { ...env, [workerVariable]: String(number) },
    stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
    stdout: "inherit",
    stderr: "inherit",
    onDisconnect: () => disconnected.resolve(),
    ipc(message: unknown) {
      if (isFromWorker(message)) hear(channel, message);
      if (message !== listening) return;
      hasListened = true;
      ready.resolve();
    },
  });
  const send = (message: Order | ToWorker): void => {
    try {
      child.send(message);
    } catch {
      // It has ended, or is about to.
    }
  };
  const channel: Channel = { send };
  return {
    since: performance.now(),
    listens: ready.promise,
    ended: child.exited.then(async () => {
      // The last that it says may be read after its exit is seen.
      await raceTimer(disconnected.promise, farewellMs);
      const how = describeEnd(child);
      ready.reject(new Error(`Cannot start: worker ${number} ended with ${how}`));
      return { how, hasListened };
    }),
    tell: send,
    channel,
  };
}

function describeEnd({ exitCode, signalCode }: Bun.Subprocess): string {
  return signalCode === null ? `exit code ${exitCode}` : String(signalCode);
}
