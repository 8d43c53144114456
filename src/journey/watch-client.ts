/** Stops the work for a request whose client has left. */
import { callAfter } from "../lib/call-after.ts";
import type { Stopper } from "../lib/stop.ts";

/** How long an answer goes unwatched, ms: most short ones are complete by then, and watching costs 2 µs of their 80. */
const unwatchedMs = 10;

/** @returns ends the watch */
export function watchClient(request: Request, call: Stopper): () => void {
  let connection: AbortSignal | undefined;
  const delay = callAfter(unwatchedMs, () => {
    connection = request.signal;
    connection.onabort = () => call.abort();
    if (connection.aborted) call.abort();
  });
  return () => {
    delay.cancel();
    // A listener would keep all of this alive until the next full collection.
    if (connection) connection.onabort = null;
  };
}
