/** `serve`, the default command: starts the proxy and says how to use it. */
import { type Announcement, announce } from "./announce.ts";
import { type ProxyOptions, startProxy } from "./start-proxy.ts";

export type Serving = {
  /**
   * Prints the banner and writes the ready file. Whoever reads them may act at once, so the caller must be ready for
   * signals.
   * @throws Error, worded for the user, if the ready file cannot be written
   */
  announce(): void;
  /** Refuses new requests, and resolves when those in progress have finished. */
  stop(): Promise<void>;
  /** Ends what is in progress, with an error that clients can read. */
  cut(): void;
};

export type ServeOptions = ProxyOptions & Announcement;

/** @throws Error, worded for the user, if the address cannot be listened on */
export function serve(options: ServeOptions): Serving {
  const { url, config, stop, cut } = startProxy(options);
  let removeFile = (): void => {};
  return {
    announce() {
      removeFile = announce(options, { config, url });
    },
    async stop() {
      removeFile();
      await stop();
    },
    cut,
  };
}
