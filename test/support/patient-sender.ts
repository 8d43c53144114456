import { heapStats } from "bun:jsc";
import type { Sender } from "../../src/upstream/transport/send.ts";

/** Answers each request with these reads, and never ends. It keeps nothing of a request, nor of a read. */
export function createPatientSender(reads: () => Iterable<string>): Sender {
  return {
    async send() {
      const left = Iterator.from(reads());
      return {
        status: 200,
        headers: new Headers({ "content-type": "text/event-stream" }),
        read() {
          const { done, value } = left.next();
          return done
            ? Promise.withResolvers<undefined>().promise
            : Promise.resolve(new TextEncoder().encode(value));
        },
        text: async () => "",
        begin() {},
        endAfterSilence() {},
        release() {},
      };
    },
  };
}

/** Bytes of strings and buffers that something still refers to. */
export async function measureKept(): Promise<number> {
  let kept = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3; tries += 1) {
    // So that the stack of what has just run is gone.
    await Bun.sleep(1);
    Bun.gc(true);
    kept = Math.min(kept, heapStats().extraMemorySize);
  }
  return kept;
}
