/** Resolves when the current turn of the event loop is over; undefined if nothing waits for that. */
let end: Promise<void> | undefined;

/**
 * Ends the current turn of the event loop, so that others, such as other requests, get theirs. All who wait in the same
 * turn go on together.
 */
export function letOthersRun(): Promise<void> {
  end ??= new Promise((resolve) => {
    setImmediate(() => {
      end = undefined;
      resolve();
    });
  });
  return end;
}
