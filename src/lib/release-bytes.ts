/** Shorter arrays are left to the collector, bytes. */
const minLength = 16 * 1024;

/**
 * Frees the memory of bytes that are no longer needed; afterwards the array is empty. The collector would find them much
 * later, and until then everything else goes into new memory, which the kernel has to provide page by page.
 */
export function releaseBytes(bytes: Uint8Array): void {
  // The length comes first: Bun makes an object for the buffer when it is first read.
  if (bytes.length < minLength) return;
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length) buffer.transfer(0);
}
