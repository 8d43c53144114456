/** The only place that starts threads. */
import { findShortage } from "./find-shortage.ts";

/** Bun opens three for the event loop of a thread; the others are for what may open one at the same moment. */
const descriptorsOfThread = 8;

/** @throws Error of the system when the process may not open enough files: Bun would end the process */
export function startThread(url: URL): Worker {
  const shortage = findShortage(descriptorsOfThread);
  if (shortage) throw shortage;
  return new Worker(url);
}
