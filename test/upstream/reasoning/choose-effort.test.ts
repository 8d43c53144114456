import { expect, test } from "bun:test";
import fc from "fast-check";
import { type AnyEffort, efforts, nearestEffort } from "../../../src/upstream/reasoning/choose-effort.ts";

const rows: [wished: AnyEffort, known: AnyEffort[], nearest: AnyEffort | undefined][] = [
  // As DeepSeek, xAI and Moonshot map them.
  ["medium", ["low", "high"], "high"],
  ["xhigh", ["low", "high", "max"], "high"],
  // Other ties go to the weaker.
  ["low", ["minimal", "medium"], "minimal"],
  ["minimal", ["low", "high"], "low"],
  ["max", ["low", "medium", "high"], "high"],
  ["max", ["high", "xhigh"], "xhigh"],
  ["none", ["minimal", "low"], "minimal"],
  ["high", ["none", "minimal"], "minimal"],
  ["high", ["none"], "none"],
  ["high", [], undefined],
];

for (const [wished, known, nearest] of rows)
  test(`${wished} among ${known.join(", ") || "none at all"}`, () =>
    expect(nearestEffort(wished, known)).toBe(nearest));

test("for any list in any order: a listed effort, the same each time, and itself where it is listed", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...efforts),
      fc.shuffledSubarray([...efforts], { minLength: 1 }),
      (wished, known) => {
        const nearest = nearestEffort(wished, known);
        expect(known).toContain(nearest as AnyEffort);
        expect(nearestEffort(wished, known.toReversed())).toBe(nearest);
        if (known.includes(wished) && wished !== "none") expect(nearest).toBe(wished);
      },
    ),
  );
});
