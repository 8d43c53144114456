/**
 * A built program starts reluctant to compile (`jitPolicy` in `scripts/shipping/build-program.ts`): what runs a few
 * times costs more to compile than to interpret, in memory and in time. From some request on, it compiles as usual.
 */

/** Measured one after another: until here interpreting is faster, and after 1,000 requests nothing tells them apart. */
const reluctantRequests = 32;

/** @returns to be called when a request begins */
export function createCompileSwitch(
  compileAsUsual: () => void = () => Bun.unsafe.setJITPolicy(1),
): () => void {
  let begun = 0;
  return () => {
    begun += 1;
    if (begun === reluctantRequests) compileAsUsual();
  };
}
