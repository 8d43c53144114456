/**
 * Two kinds of load leave garbage faster than Bun's collector takes it away.
 *
 * A flood: with 50 streams that nobody reads, the process peaked at 500 MB instead of 250. Reads of a model's ordinary
 * answer are far too small to count.
 *
 * A crowd: Bun counts 64 KB for the read buffer of every open stream, though hardly any of it is ever touched. So with a
 * thousand streams it waits for so much more garbage: the process peaked at up to 185 MB instead of 150.
 */
import { edenGC } from "bun:jsc";

/** A read of at least this many bytes is part of a flood. */
const floodBytes = 128 * 1024;
/** How much of it is read before the garbage is collected, bytes. */
const collectAfterBytes = 16 * 1024 * 1024;

/** So many open requests are a crowd. Below, what Bun counts too much is little. */
const minCrowd = 200;
/** What a request and a read leave behind, about, bytes. */
const requestGarbage = 25 * 1024;
const readGarbage = 2 * 1024;
/** How much a crowd may leave for each open request. In proportion to them, as is the work of a minor collection. */
const garbageEach = 5 * 1024;

/** Told of everything that leaves garbage, collects it now and then. */
type GarbageCollector = {
  onRequest(): void;
  onRead(bytes: number): void;
};

/**
 * @param countOpen how many requests are open
 * @param collectAll a full collection
 * @param collectNew a collection of what was allocated since the last one
 */
export function createCollector(
  countOpen: () => number,
  collectAll: () => void = () => Bun.gc(true),
  collectNew: () => void = edenGC,
): GarbageCollector {
  let flooded = 0;
  let garbage = 0;

  function addGarbage(bytes: number): void {
    const open = countOpen();
    garbage = open < minCrowd ? 0 : garbage + bytes;
    if (garbage <= open * garbageEach) return;
    garbage = 0;
    collectNew();
  }

  return {
    onRequest() {
      addGarbage(requestGarbage);
    },
    onRead(bytes) {
      addGarbage(readGarbage);
      if (bytes < floodBytes) return;
      flooded += bytes;
      if (flooded < collectAfterBytes) return;
      flooded = 0;
      collectAll();
    },
  };
}
