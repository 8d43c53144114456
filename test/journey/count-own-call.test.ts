import { expect, test } from "bun:test";
import { countOwnCall } from "../../src/journey/count-own-call.ts";
import { noUsage } from "../../src/reply.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";
import { servicesFor } from "../support/services.ts";

const payer = { clientName: "ann", sessionId: "s1" };
const call = { purpose: "vision", plan: planFor(ask()), tookMs: 20, payer } as const;

test("a call of the proxy's own is a message of its class, and counts against the limits of its client", () => {
  const limits = { maxDailyCost: 5, maxClientDailyCost: { ann: 1 } };
  const { spending, ...services } = servicesFor([], { config: { limits } });
  const usage = { ...noUsage, inputTokens: 7, outputTokens: 3, costUsd: 2 };
  expect(countOwnCall({ ...call, usage }, { ...services, spending })).toBe(2);
  const { recent, total, today, clients } = services.journal.snapshot();
  expect(recent).toMatchObject([
    { class: "vision", client: "ann", session: "s1", costUsd: 2, inputTokens: 7 },
  ]);
  expect(today).toMatchObject({ messages: 1, costUsd: 2 });
  expect(clients).toMatchObject([{ name: "ann", costUsd: 2 }]);
  expect(total).toMatchObject({ messages: 1, inputTokens: 7, costUsd: 2 });
  expect(JSON.stringify(services.metrics.list())).toContain('"vision"');
  expect(() => spending.check("ann")).toThrow("MAX_CLIENT_DAILY_COST");
  expect(() => spending.check("bob")).not.toThrow();
});

test("one without usage costs nothing that is known", () => {
  const services = servicesFor([]);
  expect(countOwnCall({ ...call, usage: undefined, payer: {} }, services)).toBeUndefined();
  expect(services.journal.snapshot().recent).toMatchObject([{ inputTokens: 0, costUsd: undefined }]);
});
