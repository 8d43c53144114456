import { expect, test } from "bun:test";
import { letOthersRun } from "../../src/lib/let-others-run.ts";

test("what was already due runs first", async () => {
  const seen: string[] = [];
  setImmediate(() => seen.push("other"));
  await letOthersRun();
  seen.push("we");
  expect(seen).toEqual(["other", "we"]);
});

test("two that wait in the same turn go on together, and the next wait ends another turn", async () => {
  const seen: string[] = [];
  const run = async (name: string) => {
    await letOthersRun();
    seen.push(`${name} 1`);
    await letOthersRun();
    seen.push(`${name} 2`);
  };
  const both = Promise.all([run("a"), run("b")]);
  setImmediate(() => seen.push("other"));
  await both;
  expect(seen).toEqual(["a 1", "b 1", "other", "a 2", "b 2"]);
});
