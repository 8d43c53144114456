import { expect, test } from "bun:test";
import type { Plan } from "../../../src/plan/plan.ts";
import { createTrail } from "../../../src/upstream/attempt/track-places.ts";
import type { Correction } from "../../../src/upstream/corrections.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

const plan = planFor(ask({ thinking: { type: "adaptive" } }), { model: "gpt-5.9", protocol: "by-model" });
const move: Correction = { change: "move", path: "chat", to: "responses" };
const back: Correction = { change: "move", path: "responses", to: "chat" };
const drop: Correction = { change: "drop", path: "temperature" };

function learned(corrections: readonly Correction[]) {
  const trail = createTrail(plan);
  corrections.forEach(trail.add);
  const lessons: [url: string, Correction[]][] = [];
  trail.learn({
    learn: ({ url }: Pick<Plan, "url">, all) => void lessons.push([new URL(url).pathname, [...all]]),
  });
  return { trail, lessons: lessons.filter(([, all]) => all.length > 0) };
}

test("a request that is moved is planned anew for its other place", () => {
  const { trail, lessons } = learned([move, drop]);
  expect(trail.plan).toMatchObject({ protocol: "responses", url: expect.stringMatching(/\/responses$/) });
  expect(trail.plan.quirks.reasoning.replay).toBe("items");
  expect(trail.corrections).toEqual([drop]);
  expect(lessons).toEqual([
    ["/v1/chat/completions", [move]],
    ["/v1/responses", [drop]],
  ]);
});

test("one that comes back keeps what it had learned, and moves no more", () => {
  const { trail, lessons } = learned([drop, move, back]);
  expect(trail.plan).toMatchObject({ protocol: "chat", otherWays: [] });
  expect(lessons).toEqual([["/v1/chat/completions", [drop]]]);
});

test("a place that is not known changes nothing", () => {
  const trail = createTrail({ ...plan, otherWays: [] });
  trail.add(move);
  expect(trail.plan.protocol).toBe("chat");
});
