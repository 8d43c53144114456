/** `serve`, the default command: starts the proxy and says how to use it. */
import type { Config } from "../config/read-config.ts";
import { raceTimer } from "../lib/race-timer.ts";
import { leavesOpen } from "../plan/fill-tiers.ts";
import { type Announcement, announce } from "./announce.ts";
import { warnAtStart, warnOfUsage } from "./doctor/warn-at-start.ts";
import { type ProxyOptions, startProxy } from "./start-proxy.ts";

export type Serving = {
  /**
   * Prints the banner and writes the ready file. Whoever reads them may act at once, so the caller must be ready for
   * signals. Waits a moment for the backend's list if it has to choose a model.
   * @throws Error, worded for the user, if the ready file cannot be written
   */
  announce(): Promise<void>;
  /** Refuses new requests, and resolves when those in progress have finished. */
  stop(): Promise<void>;
  /** Ends what is in progress, with an error that clients can read. */
  cut(): void;
  /**
   * Takes another configuration, which has been checked, as far as a running proxy can.
   * @returns the names of variables whose change needs a restart
   */
  reload(config: Config): readonly string[];
};

export type ServeOptions = ProxyOptions & Announcement;

/** How long the banner waits for the backend's list, ms. */
const modelsMs = 3000;

/** @throws Error, worded for the user, if the address cannot be listened on */
export async function serve(options: ServeOptions): Promise<Serving> {
  const proxy = await startProxy({ ...options, keepsUsage: true });
  const { url, config, catalog, stop, cut, reload } = proxy;
  // In the background: nobody waits for the backend.
  if (!options.cassette) warnAtStart(proxy, options.log).catch(() => {});
  const { database } = config.usage;
  if (database !== undefined) warnOfUsage(database, options.log).catch(() => {});
  let removeFile = (): void => {};
  return {
    async announce() {
      if (leavesOpen(config.models)) await raceTimer(catalog, modelsMs);
      removeFile = await announce(options, { config, url });
    },
    async stop() {
      removeFile();
      await stop();
    },
    cut,
    reload,
  };
}
