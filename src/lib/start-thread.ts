/** The only place that starts threads. */
import { findShortage } from "./find-shortage.ts";

/**
 * Bun opens three for the event loop of a thread, a moment later. The others are for the connections that may come in
 * until then: with 5 to spare, a burst of them ended the process.
 */
const descriptorsOfThread = 64;

/** @throws Error of the system when the process may not open enough files: Bun would end the process */
export function startThread(url: URL): Worker {
  const shortage = findShortage(descriptorsOfThread);
  if (shortage) throw shortage;
  return new Worker(url);
}
