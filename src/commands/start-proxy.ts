/** Starts the server, and the demo backend if asked for. */
import { isIP } from "node:net";
import type { Catalog } from "../catalog/models.ts";
import type { Config } from "../config/read-config.ts";
import { startDemoBackend } from "../demo/backend.ts";
import type { ServiceOptions } from "../journey/create-services.ts";
import { readErrorCode } from "../lib/read-error-code.ts";
import { type RunningServer, startServer } from "../server.ts";
import type { Log } from "../telemetry/log.ts";
import { type Cassette, checkDirectory } from "../upstream/transport/cassette/tape.ts";
import type { Capacity } from "./choose-capacity.ts";

export type ProxyOptions = {
  readonly config: Config;
  /** Start the demo backend and use it in place of the configured one. */
  readonly demo: boolean;
  /** Exchanges to record, or to answer from instead of a backend. */
  readonly cassette: Cassette | undefined;
  readonly capacity: Capacity;
  readonly log: Log;
};

export type StartedProxy = {
  readonly url: string;
  readonly port: number;
  /** The configuration in use: the demo replaces the given backend. */
  readonly config: Config;
  /** What is known about the backend's models, once their list has been read or could not be read. */
  readonly catalog: Promise<Catalog>;
  /** Refuses new requests, and resolves when those in progress have finished. */
  stop(): Promise<void>;
  /** Ends what is in progress, with an error that clients can read. */
  cut(): void;
};

/** @throws Error, worded for the user, if the address cannot be listened on, or the cassette cannot be used */
export function startProxy({ config: given, demo, cassette, capacity, log }: ProxyOptions): StartedProxy {
  if (cassette) checkDirectory(cassette.directory, cassette.mode);
  const backend = demo ? startDemoBackend() : undefined;
  const config = backend ? { ...given, backend: { ...given.backend, baseUrl: backend.url } } : given;
  const server = listen({ config, log, cassette, capacity }, () => backend?.stop());
  return {
    url: server.url,
    port: server.port,
    config,
    catalog: server.catalog,
    async stop() {
      await server.stop();
      backend?.stop();
    },
    cut: server.cut,
  };
}

function listen(options: ServiceOptions, undo: () => void): RunningServer {
  const { host, port } = options.config.server;
  try {
    return startServer(options);
  } catch (error) {
    undo();
    throw new Error(`Cannot listen on ${nameHost(host)}:${port}: ${explain(error, port)}`, { cause: error });
  }
}

/** A long name may be a key that was put into the wrong variable. */
function nameHost(host: string): string {
  return isIP(host) !== 0 || host.length <= 12 ? host : "the address in HOST";
}

function explain(error: unknown, port: number): string {
  const code = readErrorCode(error) ?? "unknown error";
  if (code === "EADDRINUSE" && port !== 0)
    return "the port is in use; choose another with --port, or 0 for a free one";
  if (code === "EACCES" || code === "EPERM") return "permission denied; choose a --port above 1023";
  // Bun has many codes for a host that does not resolve or does not belong to this machine.
  return `the address cannot be used (${code}); choose another --host`;
}
