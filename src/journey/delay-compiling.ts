/**
 * A built program starts with a high bar for compiling (`jitPolicy` in `scripts/shipping/build-program.ts`): to compile
 * what runs only a few times costs more than to interpret it, in memory and in time. After some requests, it compiles
 * as usual.
 */

/** Measured with one request after another: until here, interpreting is faster. After 1,000, both are the same. */
const interpretedRequests = 32;

/** @returns to be called when a request begins */
export function createCompileSwitch(
  compileAsUsual: () => void = () => Bun.unsafe.setJITPolicy(1),
): () => void {
  let begun = 0;
  return () => {
    begun += 1;
    if (begun === interpretedRequests) compileAsUsual();
  };
}
