/** Ends the present turn of the event loop: what has waited for it, such as other requests, runs before this resolves. */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
