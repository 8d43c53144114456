/** Loaded before all tests: the same random cases in every run, others with FUZZ_SEED. */
import { setDefaultTimeout } from "bun:test";
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20261122) });

/** Ends what hangs; far from what any test takes, even on a busy machine. */
setDefaultTimeout(60_000);
