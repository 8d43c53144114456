import { expect, test } from "bun:test";
import type { FromWorker } from "../../src/commands/worker-messages.ts";
import { createWorkerPeers } from "../../src/commands/worker-peers.ts";
import { createCounter, reportMetrics } from "../../src/telemetry/create-series.ts";
import { createDailyCosts } from "../../src/telemetry/daily-costs.ts";
import { createJournal } from "../../src/telemetry/journal.ts";
import { version } from "../../src/version.ts";
import { testConfig } from "../support/proxy.ts";

function start() {
  const sent: FromWorker[] = [];
  const peers = createWorkerPeers((message) => void sent.push(message));
  return { peers, sent };
}

const { snapshot } = createJournal();

test("what the others say comes after what this worker says", async () => {
  const { peers, sent } = start();
  peers.answerWith({ metrics: () => [], journal: snapshot });
  const gathered = peers.gather("metrics");
  expect(sent).toEqual([{ type: "gather", id: 1, topic: "metrics" }]);
  const hits = reportMetrics([createCounter({ name: "hits", help: "Hits.", labels: [] })]);
  // A report about something else does not count.
  peers.hear({ type: "gathered", id: 1, reports: [hits, snapshot()] });
  expect(await gathered).toEqual([[], hits]);
});

test("a worker that is asked answers, once it has something to say", () => {
  const { peers, sent } = start();
  peers.hear({ type: "ask", id: 1, topic: "metrics" });
  peers.answerWith({ metrics: () => [], journal: snapshot });
  peers.hear({ type: "ask", id: 2, topic: "metrics" });
  expect(sent).toEqual([{ type: "answer", id: 2, report: [] }]);
});

test("costs that are shared follow those of the others, and one that leaves tells of its own", () => {
  const [limited, free] = [start(), start()];
  const costs = createDailyCosts();
  limited.peers.shareCosts(costs)({ client: "ann", costUsd: 1 });
  limited.peers.hear({ type: "spent-before", spendings: [{ client: "ann", costUsd: 2 }] });
  limited.peers.hear({ type: "spent", spending: { client: "ann", costUsd: 3 } });
  expect(costs.of("ann")).toBe(5);
  for (const { peers } of [limited, free]) {
    peers.answerWith({ metrics: () => [], journal: snapshot });
    peers.leave();
    peers.leave();
  }
  expect(limited.sent.map(({ type }) => type)).toEqual(["share-costs", "spent", "leave"]);
  expect(free.sent.map(({ type }) => type)).toEqual(["spent-before", "leave"]);
});

test("the configuration of another version of the program is not used", async () => {
  const config = testConfig();
  const inherit = (kept: { version: string } | undefined) => {
    const { peers } = start();
    const inherited = peers.inheritConfig();
    peers.hear({ type: "use-config", kept: kept && { ...kept, config } });
    return inherited;
  };
  expect(await inherit({ version })).toBe(config);
  expect(await inherit({ version: "another" })).toBeUndefined();
  expect(await inherit(undefined)).toBeUndefined();
});
