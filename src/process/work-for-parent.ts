import { exits } from "../commands/exit-codes.ts";
import type { Order } from "../commands/start-worker.ts";
import { loadConfig } from "./load-config.ts";
import { measureCapacity, prepareProcess } from "./prepare-process.ts";
import type { ServeInvocation } from "./serve-until-signal.ts";
import { farewellMs } from "./stop-on-signals.ts";

/**
 * One of several workers: what it does is decided by the process that started it, and it ends with that process. The
 * terminal's Ctrl-C reaches it too, and is not for it.
 */
export async function work(invocation: ServeInvocation, worker: number): Promise<number> {
  const { startProxy } = await import("../commands/start-proxy.ts");
  const { listening, orders } = await import("../commands/start-worker.ts");
  const { createWorkerPeers, isPeerMessage } = await import("../commands/worker-peers.ts");
  const config = await loadConfig(invocation, { searchCwd: true });
  const log = await prepareProcess(config, worker);
  const capacity = measureCapacity(config, log);
  const { demo, cassette } = invocation;
  const peers = createWorkerPeers((message) => {
    if (process.connected) process.send?.(message);
  });
  const proxy = startProxy({
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
  process.on("message", (message) => {
    const order = orders.find((known) => known === message);
    if (order) obey[order]();
    else if (isPeerMessage(message)) peers.hear(message);
  });
  for (const signal of ["SIGINT", "SIGUSR2", "SIGHUP"] as const) process.on(signal, () => {});
  // A service manager may send it to all processes at once.
  process.on("SIGTERM", obey.stop);
  process.on("disconnect", () => {
    obey.stop();
    proxy.cut();
    setTimeout(end, farewellMs);
  });
  process.send?.(listening);
  return await ended.promise;
}
