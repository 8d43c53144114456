/** What a running proxy takes from a configuration that was read again. */
import type { Config } from "./read-config.ts";
import { type Values, variables } from "./variables.ts";

/**
 * All of it but what is used once, when the proxy starts: where it listens, how much it takes at once, and the files
 * and the collector that it writes to.
 * @param running the configuration that the proxy was started with
 */
export function takeChanges(running: Config, next: Config): Config {
  const { host, port, workers, maxRequests, bodyMemory, shutdownGrace } = running.server;
  return {
    ...next,
    server: { ...next.server, host, port, workers, maxRequests, bodyMemory, shutdownGrace },
    log: { ...running.log, level: next.log.level },
    telemetry: running.telemetry,
    usage: running.usage,
  };
}

/** The names of variables whose new values are not in force: their change needs a restart. */
export function listPendingChanges(next: Config, inForce: Config): string[] {
  return variables
    .filter(({ place }) => !Bun.deepEquals(valueAt(next, place), valueAt(inForce, place)))
    .map(({ name }) => name);
}

function valueAt(
  config: Pick<Config, keyof Values>,
  { part, field }: (typeof variables)[number]["place"],
): unknown {
  const parts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = config;
  return parts[part]?.[field];
}
