import { afterEach, describe, expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { createSpendingLimit } from "../../src/journey/limit-spending.ts";
import type { DailyCosts, Spending } from "../../src/telemetry/daily-costs.ts";
import { createJournal } from "../../src/telemetry/journal.ts";
import { entry } from "../support/entries.ts";
import { contentChunk, encodeChunk, finishChunk, raw } from "../support/fake-upstream.ts";
import { readError, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy | undefined;
afterEach(() => proxy?.close());

const noon = new Date(2026, 10, 28, 12).getTime();
const hour = 3_600_000;
const row = { messages: 1, failed: 0, inputTokens: 1, cachedTokens: 0, outputTokens: 1, unpriced: 0 };

function limit(
  maxDailyCost: number | undefined,
  costs: readonly number[] = [],
  maxClientDailyCost?: Readonly<Record<string, number>>,
) {
  const lines: string[] = [];
  const told: Spending[] = [];
  let time = noon;
  let shared: DailyCosts | undefined;
  const journal = createJournal(() => time);
  const made = createSpendingLimit({
    now: () => time,
    log: { warning: (line) => void lines.push(line) },
    usage: { sum: async () => costs.map((costUsd, at) => ({ ...row, key: String(at), costUsd })) },
    journal,
    peers: {
      shareCosts(costs) {
        shared = costs;
        return (spending) => void told.push(spending);
      },
    },
  });
  made.take({ maxDailyCost, maxClientDailyCost });
  const refused = (client?: string): ProxyError | undefined => {
    try {
      made.check(client);
    } catch (thrown) {
      if (thrown instanceof ProxyError) return thrown;
      throw thrown;
    }
    return undefined;
  };
  const wait = (ms: number) => {
    time += ms;
  };
  return { ...made, refused, wait, lines, told, journal, shared: () => shared };
}

describe("the limit of a day", () => {
  test("refuses once it is reached, until midnight", () => {
    const { add, refused, wait } = limit(1);
    add(0.6);
    expect(refused()).toBeUndefined();
    add(0.4);
    expect(refused()).toMatchObject({ kind: "spend-cap", retryAfter: 12 * 3600 });
    expect(refused()?.headers).toEqual({
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-overage-period": "daily",
      "anthropic-ratelimit-unified-overage-disabled-reason": "org_spend_cap_reached",
      "anthropic-ratelimit-unified-reset": String((noon + 12 * hour) / 1000),
    });
    wait(12 * hour);
    expect(refused()).toBeUndefined();
  });

  test("of one client refuses no other", () => {
    const { add, refused, wait } = limit(10, [], { ann: 1, "*": 2 });
    add(1, "ann");
    add(1.5, "ben");
    add(3);
    expect(refused("ann")?.message).toContain("$1.00 a day for ann is reached (MAX_CLIENT_DAILY_COST)");
    expect(refused("ann")).toMatchObject({ kind: "spend-cap", retryAfter: 12 * 3600 });
    for (const other of ["ben", "cleo", undefined]) expect(refused(other)).toBeUndefined();
    add(0.5, "ben");
    expect(refused("ben")?.message).toContain("$2.00 a day for ben");
    add(5);
    expect(refused("cleo")?.message).toContain("(MAX_DAILY_COST)");
    wait(12 * hour);
    expect(refused("ann")).toBeUndefined();
  });

  test("of one client counts what it spent before the start", async () => {
    // The database names clients; here they are numbers.
    const { refused } = limit(undefined, [0.5, 1.5], { "*": 1 });
    await Promise.resolve();
    await Promise.resolve();
    expect(refused("0")).toBeUndefined();
    expect(refused("1")).toMatchObject({ kind: "spend-cap" });
  });

  test("counts what was spent before the start", async () => {
    const { refused } = limit(1, [0.5, 0.6]);
    await Promise.resolve();
    await Promise.resolve();
    expect(refused()?.message).toContain("$1.00 a day is reached (MAX_DAILY_COST)");
  });

  test("counts what other workers spend, and tells them of its own", () => {
    const { add, refused, told, shared } = limit(1, [], { ann: 0.5 });
    add(0.2, "ann");
    add(0.1);
    expect(told).toEqual([
      { client: "ann", costUsd: 0.2 },
      { client: "", costUsd: 0.1 },
    ]);
    shared()?.add({ client: "ann", costUsd: 0.3 });
    expect(refused("ann")?.message).toContain("(MAX_CLIENT_DAILY_COST)");
    expect(refused()).toBeUndefined();
    shared()?.add({ client: "ben", costUsd: 0.4 });
    expect(refused()?.message).toContain("(MAX_DAILY_COST)");
    expect(told).toHaveLength(2);
  });

  test("can be changed, and counts the day so far", () => {
    const { take, add, refused, told, journal } = limit(undefined);
    journal.end(entry({ startedAt: noon, costUsd: 0.7, client: "ann" }));
    add(0.7, "ann");
    expect([refused("ann"), told]).toEqual([undefined, []]);
    take({ maxDailyCost: 0.7 });
    expect(refused()?.message).toContain("$0.70");
    take({ maxDailyCost: 1, maxClientDailyCost: { "*": 0.7 } });
    expect([refused("ann")?.message, refused()]).toEqual([expect.stringContaining("for ann"), undefined]);
    take({});
    expect(refused("ann")).toBeUndefined();
  });

  test("of one client is not confused by its name", () => {
    const { add, refused } = limit(undefined, [], { "*": 1 });
    add(1, "constructor");
    expect(refused("constructor")).toMatchObject({ kind: "spend-cap" });
  });

  test("warns once if a cost is unknown", () => {
    const { add, lines } = limit(1);
    add(undefined);
    add(undefined);
    expect(lines).toHaveLength(1);
  });

  test("is none without a number", () => {
    const { add, refused, lines } = limit(undefined);
    add(1e9);
    add(undefined);
    expect([refused(), lines]).toEqual([undefined, []]);
  });
});

test("a client sees it in the form of a spend cap", async () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 2 };
  const answer = [contentChunk("Hello"), finishChunk("stop"), { choices: [], usage }]
    .map(encodeChunk)
    .join("");
  proxy = await startProxy(() => raw(answer), { config: { limits: { maxDailyCost: 2 } } });
  expect(await proxy.say({})).toBe("Hello");
  const response = await proxy.post({
    model: "opus",
    max_tokens: 9,
    messages: [{ role: "user", content: "Hi" }],
  });
  expect([response.status, response.headers.get("x-should-retry")]).toEqual([429, "false"]);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await readError(response)).error.type).toBe("billing_error");
});
