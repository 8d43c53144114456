/** Shorter arrays are left to the collector, bytes. */
const minLength = 16 * 1024;

/**
 * Gives back the memory of bytes that nobody reads any more; afterwards the array is empty. The collector would find
 * them much later, and until then all else goes into new memory, which the kernel has to provide page by page.
 */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
  if (isOwn && bytes.length >= minLength) buffer.transfer(0);
}
