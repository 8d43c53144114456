/** `serve` with `WORKERS`: several processes on one port, one banner and one ready file. */
import type { Config } from "../config/read-config.ts";
import { listPendingChanges } from "../config/take-changes.ts";
import type { VariableName } from "../config/variables.ts";
import { urlFor } from "../lib/host.ts";
import type { Log } from "../telemetry/log.ts";
import { type Announcement, announce } from "./announce.ts";
import { reservePort } from "./reserve-port.ts";
import type { Serving } from "./serve.ts";
import { type SuperviseOptions, supervise } from "./supervise.ts";

export type ServeWithWorkersOptions = Announcement & { readonly config: Config; readonly log: Log };

type ServingWithWorkers = Serving & {
  /** Replaces the workers, one after another. */
  renew(): Promise<void>;
};

/** Variables that the process which starts the workers uses itself, once. */
const ofSupervisor: ReadonlySet<string> = new Set<VariableName>([
  "HOST",
  "PORT",
  "WORKERS",
  "SHUTDOWN_GRACE",
  "LOG_FORMAT",
  "LOG_FILE",
]);

/**
 * Resolves when all workers listen.
 * @param workers with a command to which the port is added
 * @throws Error, worded for the user, if the address cannot be listened on, or a worker does not start
 */
export async function serveWithWorkers(
  options: ServeWithWorkersOptions,
  workers: Omit<SuperviseOptions, "log">,
): Promise<ServingWithWorkers> {
  const { config, log } = options;
  const { host } = config.server;
  const { port, release } = reservePort(config.server);
  const supervisor = supervise({ ...workers, command: [...workers.command, "--port", String(port)], log });
  await supervisor.started.finally(release);
  let removeFile = (): void => {};
  return {
    async announce() {
      removeFile = await announce(options, { config, url: urlFor(host, port) });
      log.info(`${workers.count} workers share the port; SIGUSR2 replaces them one by one`);
    },
    async stop() {
      removeFile();
      await supervisor.stop();
    },
    cut: supervisor.cut,
    reload(next) {
      // New workers read the configuration again.
      void supervisor.renew();
      return listPendingChanges(next, config).filter((name) => ofSupervisor.has(name));
    },
    renew: supervisor.renew,
  };
}
