import { expect, test } from "bun:test";
import { createDailyCosts } from "../../src/telemetry/daily-costs.ts";

const noon = new Date(2026, 10, 28, 12).getTime();

test("costs are summed by client, and a day begins at 0", () => {
  let time = noon;
  const costs = createDailyCosts(() => time);
  costs.add({ client: "ann", costUsd: 1 });
  costs.add({ client: "ann", costUsd: 0.5 });
  costs.add({ client: "", costUsd: 2 });
  expect([costs.of("ann"), costs.of("ben"), costs.total()]).toEqual([1.5, 0, 3.5]);
  expect(costs.list()).toEqual([
    { client: "ann", costUsd: 1.5 },
    { client: "", costUsd: 2 },
  ]);
  expect(costs.day()).toBe(new Date(2026, 10, 28).getTime());
  time = new Date(2026, 10, 29).getTime();
  expect([costs.list(), costs.total(), costs.day()]).toEqual([[], 0, time]);
});

test("what others know raises a sum, and never lowers it", () => {
  const costs = createDailyCosts(() => noon);
  costs.raise({ client: "ann", costUsd: 2 });
  costs.raise({ client: "ann", costUsd: 1 });
  expect(costs.of("ann")).toBe(2);
});
