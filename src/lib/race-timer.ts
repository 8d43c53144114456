import { callAfter } from "./call-after.ts";

/** The promise's value, or undefined if it takes longer than `ms`. Throws what the promise throws in that time. */
export function raceTimer<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const late = callAfter(ms, () => resolve(undefined));
    promise.then(
      (value) => {
        late.cancel();
        resolve(value);
      },
      (thrown: unknown) => {
        late.cancel();
        reject(thrown);
      },
    );
  });
}
