/** Starts the server, and the demo backend if asked for. */
import type { Catalog } from "../catalog/models.ts";
import { defaultId } from "../config/list-backends.ts";
import type { Config } from "../config/read-config.ts";
import { startDemoBackend } from "../demo/backend.ts";
import type { Tier } from "../plan/map-model.ts";
import { type RunningServer, startServer } from "../server.ts";
import type { Log } from "../telemetry/log.ts";
import type { Peers } from "../telemetry/peers.ts";
import { createUsageStore } from "../telemetry/usage/store.ts";
import type { Cassette } from "../upstream/transport/cassette/tape.ts";
import type { Capacity } from "./choose-capacity.ts";
import { ListenError } from "./reserve-port.ts";

export type ProxyOptions = {
  readonly config: Config;
  /** Start the demo backend and use it in place of the configured one. */
  readonly demo: boolean;
  /** Exchanges to record, or to answer from instead of a backend. */
  readonly cassette: Cassette | undefined;
  readonly capacity: Capacity;
  readonly log: Log;
  /** Whether the usage is kept where the configuration says. */
  readonly keepsUsage?: boolean;
  /** Whether the proxy is one of several processes on the port. */
  readonly sharesPort?: boolean;
  readonly peers?: Peers;
  /** Tiers that Claude Code's picker shows by itself. */
  readonly shownTiers?: readonly Tier[];
};

export type StartedProxy = Pick<RunningServer, "listFault" | "listings" | "routes" | "totals"> & {
  readonly url: string;
  readonly port: number;
  /** The configuration in use: the demo replaces the given backend, and the backend's list fills open tiers. */
  readonly config: Config;
  /** What is known about the backend's models, once their list has been read or could not be read. */
  readonly catalog: Promise<Catalog>;
  /** Refuses new requests, and resolves when those in progress have finished. */
  stop(): Promise<void>;
  /** Ends what is in progress, with an error that clients can read. */
  cut(): void;
  /**
   * Takes another configuration for all requests from now on, as far as a running proxy can; the demo keeps its own.
   * @returns the names of variables whose change needs a restart
   */
  reload(config: Config): readonly string[];
  /** Leaves new requests to others that share the port, and resolves when those in progress have finished. */
  retire(): Promise<void>;
};

/**
 * The configuration of a proxy that a command asks itself: on a free port of this machine, with a key that nobody else
 * knows, and without a word to a collector.
 */
export function makePrivate(config: Config): { readonly config: Config; readonly key: string } {
  const key = crypto.randomUUID();
  const server = { ...config.server, host: "127.0.0.1", port: 0, clientKey: key };
  const telemetry = { ...config.telemetry, endpoint: undefined };
  return { config: { ...config, server, telemetry }, key };
}

/** @throws Error, worded for the user, if the address cannot be listened on, or the cassette cannot be used */
export async function startProxy({
  config: given,
  demo,
  keepsUsage,
  ...options
}: ProxyOptions): Promise<StartedProxy> {
  const { cassette, log } = options;
  if (cassette) await checkCassette(cassette);
  const backend = demo ? startDemoBackend() : undefined;
  const config = backend ? withBackend(given, backend) : given;
  const { database: path, retention: days } = config.usage;
  const usage = keepsUsage && path !== undefined ? createUsageStore({ path, days, log }) : undefined;
  const server = listen({ ...options, config, usage }, () => backend?.stop());
  return {
    url: server.url,
    port: server.port,
    config: server.config,
    catalog: server.catalog,
    listFault: server.listFault,
    listings: server.listings,
    routes: server.routes,
    totals: server.totals,
    async stop() {
      await server.stop();
      backend?.stop();
      await usage?.close();
    },
    cut: server.cut,
    reload: (next) => (demo ? [] : server.reload(next)),
    async retire() {
      await server.retire();
      backend?.stop();
      await usage?.close();
    },
  };
}

async function checkCassette({ directory, mode }: Cassette): Promise<void> {
  const { checkDirectory } = await import("../upstream/transport/cassette/tape.ts");
  checkDirectory(directory, mode);
}

/** The configuration with the demo in place of all backends. */
function withBackend(given: Config, demo: ReturnType<typeof startDemoBackend>): Config {
  const own = { ...given.backend, id: defaultId, baseUrl: demo.url };
  return { ...given, backend: own, backends: [own], routes: [], models: demo.models };
}

function listen(options: Parameters<typeof startServer>[0], undo: () => void): RunningServer {
  const { host, port } = options.config.server;
  try {
    return startServer(options);
  } catch (error) {
    undo();
    throw new ListenError({ host, port }, error);
  }
}
