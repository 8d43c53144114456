import { expect, test } from "bun:test";
import { bad, good, unknown } from "../../../src/commands/doctor/finding.ts";

test("a finding has a state, and advice where there is some", () => {
  expect(good("t", "x")).toEqual({ topic: "t", state: "good", text: "x" });
  expect(bad("t", "x", "a")).toEqual({ topic: "t", state: "bad", text: "x", advice: "a" });
  expect(unknown("t", "x")).toEqual({ topic: "t", state: "unknown", text: "x" });
});
