import { expect, test } from "bun:test";
import { changeQuirks, commonQuirks } from "../../src/catalog/quirks.ts";
import { wantsWhole } from "../../src/plan/choose-form.ts";

const quirks = changeQuirks(commonQuirks, { request: { wholeAnswers: true }, sampling: { maxStops: 1 } });

test("a client that wants one message gets it from one message", () => {
  expect(wantsWhole({}, 1024, quirks)).toBe(true);
  expect(wantsWhole({ stream: false, stop_sequences: ["a"] }, 1024, quirks)).toBe(true);
});

test("the backend streams to a client that does, and where only a stream can be stopped", () => {
  expect(wantsWhole({ stream: true }, 1024, quirks)).toBe(false);
  expect(wantsWhole({}, 1024, commonQuirks)).toBe(false);
});

test("the backend streams what takes long, and what the proxy itself has to end", () => {
  expect(wantsWhole({}, 32_000, quirks)).toBe(false);
  expect(wantsWhole({ stop_sequences: ["a", "b"] }, 1024, quirks)).toBe(false);
});
