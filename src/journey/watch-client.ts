/** Stops the work for a request whose client has left. */
import { callAfter } from "../lib/call-after.ts";
import type { Stopper } from "../lib/stop.ts";

/** How long an answer goes unwatched, ms: most have begun or are complete by then, and a watch costs 5 µs. */
const unwatchedMs = 100;

/** @returns ends the watch; may be called again */
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
