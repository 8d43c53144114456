/** Fewer are not worth it, bytes. */
const minLength = 16 * 1024;

/**
 * Gives back the memory of bytes that nobody reads any more; afterwards there are none. The collector would find them
 * much later, and until then everything else is put into new memory, each page of which the kernel has to make first.
 */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
  if (isOwn && bytes.length >= minLength) buffer.transfer(0);
}
