import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { recordMessage } from "../../src/journey/record-message.ts";
import type { MessageEntry } from "../../src/telemetry/entry.ts";
import { planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";
import { said } from "../support/reply-events.ts";
import { contextFor, servicesFor } from "../support/services.ts";

const usage = { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 1, outputTokens: 3 };

function begin() {
  const kept: MessageEntry[] = [];
  const services = {
    ...servicesFor([]),
    sessionId: "s".repeat(1000),
    hints: { agentType: undefined, requestClass: "main" },
    usage: {
      keep: (entry: MessageEntry) => void kept.push(entry),
      sum: () => Promise.resolve(undefined),
      close: () => Promise.resolve(),
    },
  };
  const plan = { ...planFor(ask({ model: "opus" })), facts: { id: "m", price: { input: 1e6, output: 1e6 } } };
  const context = { ...contextFor("/v1/messages"), clientName: "ann" };
  return { ...recordMessage(plan, context, services), kept, services };
}

test("log, metrics, journal and usage are told about a message", () => {
  const { record, kept, services } = begin();
  expect(services.journal.snapshot().live).toMatchObject([
    { id: "req_1", client: "ann", asked: "opus", chunks: 0 },
  ]);
  record.again({ kind: "corrected", change: "left out stop", error: "No" });
  record.see([said("Secret")]);
  expect(services.journal.snapshot().live[0]?.chunks).toBe(1);
  record.see([
    { type: "usage", usage },
    { type: "finish", reason: "stop" },
  ]);
  record.end("answered");
  expect(kept).toEqual([
    expect.objectContaining({
      client: "ann",
      class: "main",
      status: 200,
      inputTokens: 16,
      cachedTokens: 5,
      cacheWriteTokens: 1,
      outputTokens: 3,
      costUsd: 19,
      stopReason: "end_turn",
      healed: ["left out stop"],
    }),
  ]);
  expect(kept[0]?.session).toHaveLength(201);
  const { live, recent } = services.journal.snapshot();
  expect(live).toEqual([]);
  expect(recent).toEqual(kept);
  expect(JSON.stringify(recent)).not.toContain("Secret");
  const line = services.lines.find((text) => text.includes("message answered"));
  expect(line).toContain("cost_usd=19 healed=1");
});

test("a failure has its kind and status, and one who left has 499", () => {
  const failed = begin();
  failed.record.end("failed", new ProxyError("overloaded", "Busy with the secret prompt"));
  expect(failed.kept).toMatchObject([{ status: 529, error: "overloaded" }]);
  expect(JSON.stringify(failed.kept)).not.toContain("secret");
  const left = begin();
  left.record.end("client left");
  expect(left.kept).toMatchObject([{ status: 499, error: undefined }]);
});
