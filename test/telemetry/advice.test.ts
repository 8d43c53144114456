import { expect, test } from "bun:test";
import { advise } from "../../src/telemetry/advice.ts";

test("each kind of error has advice, and none is made up for others", () => {
  expect(advise("unreachable")).toContain("check its address");
  for (const kind of ["", "constructor", "no such kind"]) expect(advise(kind)).toBe("");
});
