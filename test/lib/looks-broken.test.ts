import { expect, test } from "bun:test";
import { looksBroken } from "../../src/lib/looks-broken.ts";

const png = (side: number, end = "IEND") => {
  const bytes = Buffer.alloc(60);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes);
  bytes.writeUInt32BE(side, 16);
  bytes.writeUInt32BE(side, 20);
  bytes.write(end, 52, "latin1");
  return bytes.toString("base64");
};

test("a whole image looks fine", () => expect(looksBroken(png(100))).toBe(false));
test("a tiny one looks broken", () => expect(looksBroken(png(1))).toBe(true));
test("one without an end looks broken", () => expect(looksBroken(png(100, "    "))).toBe(true));
test("what is no image looks broken", () => expect(looksBroken("aGVsbG8=")).toBe(true));
