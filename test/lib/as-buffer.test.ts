import { expect, test } from "bun:test";
import { asBuffer } from "../../src/lib/as-buffer.ts";

test("a part of some bytes stays that part, in the same memory", () => {
  const bytes = new TextEncoder().encode("abcdef").subarray(2, 5);
  const buffer = asBuffer(bytes);
  expect(buffer.toString()).toBe("cde");
  bytes[0] = 67;
  expect(buffer.toString()).toBe("Cde");
});
