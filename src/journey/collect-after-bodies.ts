/**
 * Collects what a large request leaves behind: the texts of 5 MB of pictures, which nobody needs once it is answered.
 * Left to itself, Bun's collector comes in the middle of the next such request. Until then that one takes new memory,
 * which the kernel has to provide page by page, and what it is still using counts as old from then on.
 */
import { edenGC } from "bun:jsc";

/** What smaller requests leave behind is little beside the work of a collection, bytes of their bodies. */
const minBytes = 2 * 1024 * 1024;

/**
 * @param collect a collection of what was allocated since the last one
 * @returns to be called with the size of the body when a request has ended
 */
export function createBodyCollector(collect: () => void = edenGC): (bytes: number) => void {
  let isDue = false;
  return (bytes) => {
    if (bytes < minBytes || isDue) return;
    isDue = true;
    // The end of the answer goes out first.
    setImmediate(() => {
      isDue = false;
      collect();
    });
  };
}
