import { expect, test } from "bun:test";
import { createLog } from "../../../src/telemetry/log.ts";
import { createHealing } from "../../../src/upstream/attempt/remember-corrections.ts";
import type { Correction } from "../../../src/upstream/corrections.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

const planOf = (model: string) => planFor(ask(), { model });
const setUp = (maxModels?: number) => {
  const lines: string[] = [];
  return {
    healing: createHealing(
      createLog("DEBUG", (line) => lines.push(line)),
      maxModels,
    ),
    lines,
  };
};
const withoutStop: Correction = { change: "drop", path: "stop" };

test("a lesson is for one model at one address, and logged once", () => {
  const { healing, lines } = setUp();
  healing.learn(planOf("one"), [withoutStop]);
  healing.learn(planOf("one"), [withoutStop]);
  expect(healing.learned(planOf("one"))).toEqual([withoutStop]);
  expect(healing.learned(planOf("two"))).toEqual([]);
  const elsewhere = planOf("one");
  expect(healing.learned({ ...elsewhere, url: "http://127.0.0.1/v2" })).toEqual([]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("Learned what one accepts: left out stop");
});

test("a later lesson about the same field replaces the earlier one", () => {
  const { healing, lines } = setUp();
  healing.learn(planOf("one"), [{ change: "cap", path: "max_tokens", to: 8192 }, withoutStop]);
  healing.learn(planOf("one"), [{ change: "cap", path: "max_tokens", to: 4096 }]);
  expect(healing.learned(planOf("one"))).toEqual([
    withoutStop,
    { change: "cap", path: "max_tokens", to: 4096 },
  ]);
  expect(lines).toHaveLength(3);
});

test("a correction for a single request is not remembered", () => {
  const { healing, lines } = setUp();
  healing.learn(planOf("one"), [{ change: "cap", path: "max_tokens", to: 4096, once: true }]);
  expect(healing.learned(planOf("one"))).toEqual([]);
  expect(lines).toEqual([]);
});

test("memory is bounded: the least recently taught model is forgotten", () => {
  const { healing } = setUp(2);
  for (const model of ["one", "two", "one", "three"]) healing.learn(planOf(model), [withoutStop]);
  expect(["one", "two", "three"].map((model) => healing.learned(planOf(model)).length)).toEqual([1, 0, 1]);
});
