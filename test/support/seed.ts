/** Loaded before all tests: the same random cases in every run, others with FUZZ_SEED. */
import { setDefaultTimeout } from "bun:test";
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20261122) });

/** Stops what hangs; far beyond the duration of any test, even on a busy machine. */
setDefaultTimeout(60_000);
