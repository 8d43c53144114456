/**
 * A backend that floods leaves garbage faster than Bun's collector takes it away: with 50 streams that nobody reads,
 * the process peaked at 500 MB instead of 250. Reads of a model's ordinary answer are far too small to count.
 */

/** A read of at least this many bytes is part of a flood. */
const floodBytes = 128 * 1024;
/** How much of it is read before the garbage is collected, bytes. */
const collectAfterBytes = 16 * 1024 * 1024;

/** Told the size of every read, collects garbage now and then. */
export function createCollector(collect: () => void = () => Bun.gc(true)): (bytes: number) => void {
  let flooded = 0;
  return (bytes) => {
    if (bytes < floodBytes) return;
    flooded += bytes;
    if (flooded < collectAfterBytes) return;
    flooded = 0;
    collect();
  };
}
