/**
 * Gives memory back after work. What requests leave behind waits for a full collection, and Bun starts none while
 * nothing is allocated: after 1000 streams, an idle proxy kept 170 MB instead of 90. With nothing in progress, the few
 * milliseconds that it takes delay nobody.
 */
import { fullGC } from "bun:jsc";

/** How long nothing has been in progress, ms. */
const usualQuietMs = 500;

/** What fewer requests leave behind is not worth the work. */
const minRequests = 16;

/**
 * @param countOpen how many requests are in progress
 * @returns to be called when a request has ended
 */
export function createIdleCollector(
  countOpen: () => number,
  collect: () => void = fullGC,
  quietMs = usualQuietMs,
): () => void {
  let ended = 0;
  let endedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function lookAfter(ms: number): void {
    timer = setTimeout(look, ms);
    timer.unref();
  }

  function look(): void {
    timer = undefined;
    // The end of those in progress brings us back.
    if (countOpen() > 0) return;
    const left = endedAt + quietMs - performance.now();
    if (left > 0) return lookAfter(left);
    ended = 0;
    collect();
  }

  return () => {
    ended += 1;
    if (countOpen() > 0) return;
    endedAt = performance.now();
    if (ended >= minRequests && !timer) lookAfter(quietMs);
  };
}
