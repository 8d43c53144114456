import { expect, test } from "bun:test";
import { cutName } from "../../src/telemetry/entry.ts";

test("names that clients choose are cut", () => {
  expect(cutName("opus")).toBe("opus");
  expect(cutName("x".repeat(1e6))).toHaveLength(201);
});
