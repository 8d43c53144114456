/**
 * Collects what a large request leaves behind, such as the texts of 5 MB of pictures, once it is answered. Left to
 * itself, Bun's collector runs in the middle of the next such request: that one has to take new memory, which the kernel
 * provides page by page, and what it is still using then counts as old and stays.
 */
import { edenGC } from "bun:jsc";

/** Size of a body, bytes. What smaller ones leave behind is not worth the work. */
const minBytes = 2 * 1024 * 1024;

/**
 * @param collect a collection of what was allocated since the last one
 * @returns to be called with the size of a request's body, bytes, when the request has ended
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
