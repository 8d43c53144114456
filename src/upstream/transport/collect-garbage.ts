/**
 * Two kinds of load leave garbage faster than Bun's collector takes it away.
 *
 * A flood: with 50 streams that nobody reads, the process peaked at 500 MB instead of 250. Reads of a model's ordinary
 * answer are far too small to count.
 *
 * A crowd: Bun counts 256 KB for the read buffer of every open stream, though hardly any of it is ever touched. So
 * with a thousand streams it waits for so much more garbage: the process peaked at 155 to 175 MB instead of 145.
 */
import { edenGC } from "bun:jsc";

/** A read of at least this many bytes is part of a flood. */
const floodBytes = 128 * 1024;
/** How much of it is read before the garbage is collected, bytes. */
const collectAfterBytes = 16 * 1024 * 1024;

/** Open requests that are a crowd. With fewer, what Bun counts too much does little harm. */
const minCrowd = 200;
/** Reads for each open request before a minor collection, whose work grows with the number of requests as well. */
const readsEach = 4;

/**
 * Told the size of every read of a stream, collects garbage now and then.
 *
 * @param countOpen how many requests are open
 * @param collectAll a full collection
 * @param collectNew a collection of what was allocated since the last one
 */
export function createCollector(
  countOpen: () => number,
  collectAll: () => void = () => Bun.gc(true),
  collectNew: () => void = edenGC,
): (bytes: number) => void {
  let flooded = 0;
  let reads = 0;
  return (bytes) => {
    const open = countOpen();
    reads = open < minCrowd ? 0 : reads + 1;
    if (reads > open * readsEach) {
      reads = 0;
      collectNew();
    }
    if (bytes < floodBytes) return;
    flooded += bytes;
    if (flooded < collectAfterBytes) return;
    flooded = 0;
    collectAll();
  };
}
