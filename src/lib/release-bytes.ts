/** Shorter arrays are left to the collector, bytes. */
const minLength = 16 * 1024;

/**
 * Gives back the memory of bytes that nobody reads any more; afterwards the array is empty. The collector would find
 * them much later, and until then all else goes into new memory, which the kernel has to provide page by page.
 */
export function releaseBytes(bytes: Uint8Array): void {
  // Bun makes an object of the buffer when it is first asked for.
  if (bytes.length < minLength) return;
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length) buffer.transfer(0);
}
