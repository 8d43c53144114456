import { expect, test } from "bun:test";
import { letOthersRun } from "../../src/lib/let-others-run.ts";

test("what was already due runs first", async () => {
  const seen: string[] = [];
  setImmediate(() => seen.push("other"));
  await letOthersRun();
  seen.push("we");
  expect(seen).toEqual(["other", "we"]);
});
