import { expect, test } from "bun:test";
import { createJournal } from "../../src/telemetry/journal.ts";
import { createSolePeer } from "../../src/telemetry/peers.ts";

test("a process alone asks itself", async () => {
  const peers = createSolePeer();
  expect(await peers.gather("metrics")).toEqual([]);
  const journal = createJournal();
  peers.answerWith({ metrics: () => [], journal: journal.snapshot });
  expect(await peers.gather("metrics")).toEqual([[]]);
  expect(await peers.gather("journal")).toMatchObject([{ live: [] }]);
});
