import { expect, test } from "bun:test";
import fc from "fast-check";
import { decodeId, encodeId } from "../../src/lib/encode-id.ts";

test("any id comes back as it was, and its code has only letters, digits, _ and -", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 256 }), (id) => {
      const code = encodeId(id) ?? "";
      if (!id.isWellFormed() || id.length > 256) return expect(code).toBe("");
      expect(code).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeId(code)).toBe(id);
    }),
  );
});

test("other texts are no codes", () => {
  for (const text of ["", "functions.Bash:0", "toolu_01ABC", "id64_", "id64_%", "id64_-w", "xid64_YQ"])
    expect(decodeId(text)).toBeUndefined();
});
