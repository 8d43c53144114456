import { exits } from "../commands/exit-codes.ts";
import type { InvocationOf } from "../commands/read-arguments.ts";
import type { Order } from "../commands/start-worker.ts";
import type { WorkerPeers } from "../commands/worker-peers.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Config } from "../config/read-config.ts";
import { loadConfig } from "./load-config.ts";
import { measureCapacity, prepareProcess } from "./prepare-process.ts";
import { farewellMs } from "./stop-on-signals.ts";

/**
 * One of several workers: what it does is decided by the process that started it, and it ends with that process. The
 * terminal's Ctrl-C reaches it too, and is not for it.
 */
export async function runWorker(invocation: InvocationOf<"serve">, worker: number): Promise<number> {
  const { startProxy } = await import("../commands/start-proxy.ts");
  const { listening, orders } = await import("../commands/start-worker.ts");
  const { isToWorker } = await import("../commands/worker-messages.ts");
  const { createWorkerPeers } = await import("../commands/worker-peers.ts");
  const peers = createWorkerPeers((message) => {
    if (process.connected) process.send?.(message);
  });
  const started = Promise.withResolvers<Readonly<Record<Order, () => void>>>();
  process.on("message", (message) => {
    const order = orders.find((known) => known === message);
    if (order) void started.promise.then((obey) => obey[order]());
    else if (isToWorker(message)) peers.hear(message);
  });
  const config = await loadOrInherit(invocation, peers);
  const log = await prepareProcess(config, worker);
  const capacity = measureCapacity(config, log);
  const { demo, cassette } = invocation;
  const proxy = await startProxy({
    config,
    demo,
    cassette,
    capacity,
    log,
    peers,
    sharesPort: true,
    keepsUsage: true,
  });
  const ended = Promise.withResolvers<number>();
  const end = (): void => {
    peers.leave();
    ended.resolve(exits.success.code);
  };
  const obey: Readonly<Record<Order, () => void>> = {
    stop: () => proxy.stop().then(end, ended.reject),
    retire: () => proxy.retire().then(end, ended.reject),
    cut: () => proxy.cut(),
  };
  started.resolve(obey);
  for (const signal of ["SIGINT", "SIGUSR2", "SIGHUP"] as const) process.on(signal, () => {});
  // A service manager may send it to all processes at once.
  process.on("SIGTERM", obey.stop);
  process.on("disconnect", () => {
    obey.stop();
    proxy.cut();
    setTimeout(end, farewellMs);
  });
  peers.keepConfig(config);
  process.send?.(listening);
  return await ended.promise;
}

/** While the files have mistakes, the configuration of the others, so that a worker can still be replaced. */
async function loadOrInherit(
  invocation: InvocationOf<"serve">,
  peers: Pick<WorkerPeers, "inheritConfig">,
): Promise<Config> {
  try {
    const config = await loadConfig(invocation, { searchCwd: true });
    // The process that started this one has read the same, and has said them.
    return { ...config, warnings: [] };
  } catch (error) {
    const inherited = error instanceof ConfigError && (await peers.inheritConfig());
    if (!inherited) throw error;
    const problems = error.problems.join("; ");
    const warning = `The configuration has mistakes, and the one before them stays in force: ${problems}`;
    return { ...inherited, warnings: [warning] };
  }
}
