/** Some runs of what `./scripts/fuzz` does for as long as it is asked to, and every input that it ever found. */
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { fuzzTargets } from "./support/fuzz-targets.ts";

const found = z
  .array(z.object({ target: z.string(), seed: z.number(), path: z.string() }))
  .parse(await Bun.file(new URL("./fixtures/fuzz.json", import.meta.url)).json());

describe("fuzz", () => {
  for (const target of fuzzTargets) {
    test(`${target.name}: ${target.about}`, () => {
      const { errorInstance, seed, counterexamplePath } = target.run({ numRuns: 200 });
      expect({ errorInstance, seed, counterexamplePath }).toMatchObject({ errorInstance: null });
    });
  }

  for (const { target, ...place } of found) {
    test(`${target}: what failed once, ${place.seed} ${place.path}`, () => {
      const found = fuzzTargets.find(({ name }) => name === target);
      expect(found?.run({ numRuns: 1, ...place })).toMatchObject({ failed: false, numRuns: 1 });
    });
  }
});
