/** Loaded before all tests: the same random cases in every run, others with FUZZ_SEED. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20261122) });
