import { expect, test } from "bun:test";
import { writeAttributes, writeTime } from "../../../src/telemetry/otlp/write-resource.ts";

test("attributes have one of OTLP's values each, and those without one are left out", () => {
  const values = { a: "x", b: 3, c: 0.5, d: true, e: ["x"], f: undefined, g: "", h: Number.NaN, i: "\ud800" };
  expect(writeAttributes(values)).toEqual([
    { key: "a", value: { stringValue: "x" } },
    { key: "b", value: { intValue: "3" } },
    { key: "c", value: { doubleValue: 0.5 } },
    { key: "d", value: { boolValue: true } },
    { key: "e", value: { arrayValue: { values: [{ stringValue: "x" }] } } },
    { key: "i", value: { stringValue: "\ufffd" } },
  ]);
});

test("times are nanoseconds, without what a number cannot hold", () => {
  expect(writeTime(1_795_000_000_123)).toBe("1795000000123000000");
  expect(writeTime(0.5)).toBe("500000");
});
