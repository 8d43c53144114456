import { expect, test } from "bun:test";
import { createExchange } from "../../src/commands/worker-exchange.ts";
import type { Channel } from "../../src/commands/worker-messages.ts";
import { createWorkerPeers } from "../../src/commands/worker-peers.ts";
import { createCounter, createGauge, reportMetrics } from "../../src/telemetry/create-series.ts";
import { createDailyCosts, type Spending } from "../../src/telemetry/daily-costs.ts";
import { createJournal } from "../../src/telemetry/journal.ts";
import { mergeMetrics } from "../../src/telemetry/merge-metrics.ts";
import { entry } from "../support/entries.ts";
import { testConfig } from "../support/proxy.ts";

/** Workers that each have counted as much as their number, and the process between them. */
function connect(count: number) {
  const channels: Channel[] = [];
  const silent = new Set<number>();
  const exchange = createExchange(
    () => channels,
    () => true,
  );
  const workers = Array.from({ length: count }, (_, index) => {
    const peers = createWorkerPeers((message) => exchange.hear(channel, copy(message)));
    const channel: Channel = { send: (message) => silent.has(index) || peers.hear(copy(message)) };
    channels.push(channel);
    const counter = createCounter({ name: "hits", help: "Hits.", labels: [] });
    counter.add({}, index + 1);
    const open = createGauge({ name: "open", help: "Open." }, () => 1);
    const journal = createJournal();
    journal.end(entry({ id: `req_${index}` }));
    peers.answerWith({ metrics: () => reportMetrics([counter, open]), journal: journal.snapshot });
    return Object.assign(peers, {
      count: () => counter.add({}, 1),
      spend: (client: string, costUsd: number) =>
        journal.end(entry({ client, costUsd, startedAt: Date.now(), tookMs: 0 })),
    });
  });
  const leave = (index: number) => {
    const [gone] = channels.splice(index, 1);
    if (gone) exchange.forget(gone);
  };
  const silence = (index: number) => silent.add(index);
  return { workers, leave, silence };
}

const copy = <Message>(message: Message): Message => structuredClone(message);

async function sums(worker: ReturnType<typeof createWorkerPeers> | undefined) {
  const merged = mergeMetrics((await worker?.gather("metrics")) ?? []);
  return Object.fromEntries(merged.map(({ name, samples }) => [name, samples[0]?.value]));
}

test("each worker can ask for what all have counted, also at the same time", async () => {
  const { workers } = connect(3);
  const all = await Promise.all([...workers, ...workers].map(sums));
  for (const sum of all) expect(sum).toEqual({ hits: 6, open: 3 });
  const [first] = workers;
  const journals = (await first?.gather("journal")) ?? [];
  expect(journals.flatMap(({ recent }) => recent.map(({ id }) => id)).sort()).toEqual([
    "req_0",
    "req_1",
    "req_2",
  ]);
});

test("what a worker had counted still counts when it has ended, but it is open no more", async () => {
  const { workers, leave } = connect(3);
  await sums(workers[0]);
  leave(2);
  expect(await sums(workers[0])).toEqual({ hits: 6, open: 2 });
  leave(1);
  expect(await sums(workers[0])).toEqual({ hits: 6, open: 1 });
});

test("the last words of a worker count, and count once", async () => {
  const { workers, leave } = connect(3);
  await sums(workers[0]);
  workers[2]?.count();
  workers[2]?.leave();
  workers[2]?.leave();
  expect(await sums(workers[0])).toEqual({ hits: 7, open: 2 });
  leave(2);
  expect(await sums(workers[0])).toEqual({ hits: 7, open: 2 });
});

test("the worker that asks is known as well, should it be killed", async () => {
  const { workers, leave } = connect(2);
  await sums(workers[0]);
  leave(0);
  expect(await sums(workers[1])).toEqual({ hits: 3, open: 1 });
});

test("a worker too busy to answer counts as it did before", async () => {
  const { workers, silence } = connect(2);
  await sums(workers[0]);
  silence(1);
  expect(await sums(workers[0])).toEqual({ hits: 3, open: 2 });
});

test("a worker that does not answer is left out", async () => {
  const silent: Channel = { send: () => {} };
  const channels: Channel[] = [silent];
  const exchange = createExchange(
    () => channels,
    () => true,
  );
  const peers = createWorkerPeers((message) => exchange.hear(channel, message));
  const channel: Channel = { send: (message) => peers.hear(message) };
  channels.push(channel);
  peers.answerWith({ metrics: () => [], journal: createJournal().snapshot });
  expect(await peers.gather("metrics")).toEqual([[]]);
});

test("what one spends counts for all that share costs, and for those that join later", () => {
  const { workers, leave } = connect(4);
  const [one, two, three] = workers.slice(0, 3).map((worker) => {
    const costs = createDailyCosts();
    let tell = (_: Spending): void => {};
    return {
      costs,
      join() {
        tell = worker.shareCosts(costs);
      },
      spend(costUsd: number) {
        costs.add({ client: "ann", costUsd });
        tell({ client: "ann", costUsd });
      },
    };
  });
  one?.join();
  two?.join();
  one?.spend(0.25);
  two?.spend(0.5);
  expect([one, two].map((each) => each?.costs.list())).toEqual([
    [{ client: "ann", costUsd: 0.75 }],
    [{ client: "ann", costUsd: 0.75 }],
  ]);
  // The database has told it already.
  three?.costs.raise({ client: "ann", costUsd: 0.75 });
  leave(0);
  three?.join();
  two?.spend(0.25);
  expect([one, two, three].map((each) => each?.costs.of("ann"))).toEqual([0.75, 1, 1]);
});

test("what workers without a limit have spent counts for those with one once they have left", () => {
  const { workers, leave } = connect(3);
  const [limited, ...others] = workers;
  const costs = createDailyCosts();
  limited?.shareCosts(costs);
  // A database has told of some of it already.
  costs.raise({ client: "ann", costUsd: 0.25 });
  for (const worker of others) {
    worker.spend("ann", 0.5);
    worker.leave();
    worker.leave();
  }
  expect(costs.of("ann")).toBe(1);
  // One that has shared its costs has nothing left to tell.
  limited?.leave();
  leave(0);
  const later = createDailyCosts();
  others[0]?.shareCosts(later);
  expect(later.of("ann")).toBe(1);
});

test("a worker that takes the place of another gets the configuration of the others", async () => {
  const config = testConfig({ server: { port: 1 } });
  for (const inherits of [true, false]) {
    const exchange = createExchange(
      () => [],
      () => inherits,
    );
    const join = () => {
      const peers = createWorkerPeers((message) => exchange.hear(channel, copy(message)));
      const channel: Channel = { send: (message) => peers.hear(copy(message)) };
      return peers;
    };
    expect(await join().inheritConfig()).toBeUndefined();
    join().keepConfig(config);
    expect(await join().inheritConfig()).toEqual(inherits ? config : undefined);
  }
});
