/**
 * Bounds how much memory one buffer may take on this thread. For a worker that runs a third-party decoder: a few
 * kilobytes of a file may decode to gigabytes, and the decoder knows no bound of its own.
 */

/**
 * From now on, no `Uint8Array` larger than `maxBytes` can be made from a length, and no `DecompressionStream` gives
 * more.
 *
 * @param onBreach called when the bound is exceeded; the decoder gets an exception, which it may ignore
 */
export function limitBuffers(maxBytes: number, onBreach: () => void): void {
  function check(bytes: number): void {
    if (bytes <= maxBytes) return;
    onBreach();
    throw new RangeError(`A buffer may have at most ${maxBytes} bytes`);
  }
  globalThis.Uint8Array = new Proxy(Uint8Array, {
    construct(target, args: unknown[], newTarget) {
      const [length] = args;
      if (typeof length === "number") check(length);
      return Reflect.construct(target, args, newTarget);
    },
  });
  globalThis.DecompressionStream = new Proxy(DecompressionStream, {
    construct(target, [format]: ConstructorParameters<typeof DecompressionStream>) {
      const { readable, writable } = new target(format);
      let decoded = 0;
      const counted = new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          decoded += bytes.length;
          check(decoded);
          controller.enqueue(bytes);
        },
      });
      return { writable, readable: readable.pipeThrough(counted) };
    },
  });
}
