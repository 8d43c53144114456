import { expect, test } from "bun:test";
import { isAbout, isFromWorker, isToWorker } from "../../src/commands/worker-messages.ts";
import { createJournal } from "../../src/telemetry/journal.ts";

test("messages are told apart by their direction, and orders are none", () => {
  const directions = (message: unknown) => [isFromWorker(message), isToWorker(message)];
  expect(directions({ type: "gather", id: 1, topic: "metrics" })).toEqual([true, false]);
  expect(directions({ type: "ask", id: 1, topic: "metrics" })).toEqual([false, true]);
  expect(directions({ type: "spent", spending: { client: "", costUsd: 1 } })).toEqual([true, true]);
  for (const message of ["stop", undefined, {}, { type: "stop" }, { type: "toString" }])
    expect(directions(message)).toEqual([false, false]);
});

test("a report tells what it is about", () => {
  const reports = [[], createJournal().snapshot()];
  expect(reports.map((report) => isAbout("metrics", report))).toEqual([true, false]);
  expect(reports.map((report) => isAbout("journal", report))).toEqual([false, true]);
});
