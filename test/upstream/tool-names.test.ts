import { expect, test } from "bun:test";
import fc from "fast-check";
import { createToolNames } from "../../src/upstream/tool-names.ts";

const long = `mcp__${"server_".repeat(12)}`;

test("plain names stay, others become the beginning and a hash", () => {
  const names = createToolNames(["Read", long, "a.b"]);
  expect(names.toUpstream("Read")).toBe("Read");
  expect(names.toUpstream(long)).toMatch(/^mcp__server_[\w]{43}_[0-9a-f]{8}$/);
  expect(names.toUpstream(long)).toHaveLength(64);
  expect(names.toUpstream("a.b")).toMatch(/^a_b_[0-9a-f]{8}$/);
});

test("the same name is shortened alike whichever tools are around it, and in the history of tools long gone", () => {
  const short = createToolNames([long]).toUpstream(long);
  expect(createToolNames(["a.b", long, "Read"]).toUpstream(long)).toBe(short);
  expect(createToolNames([]).toUpstream(long)).toBe(short);
});

test("a name that we never gave comes back as it is", () => {
  expect(createToolNames([long]).toClient("Invented")).toBe("Invented");
});

test("a short name that a tool already has is given to no other", () => {
  const taken = createToolNames([long]).toUpstream(long);
  for (const order of [
    [long, taken],
    [taken, long],
  ]) {
    const names = createToolNames(order);
    expect(names.toUpstream(taken)).toBe(taken);
    expect(names.toUpstream(long)).not.toBe(taken);
    expect(order.map((name) => names.toClient(names.toUpstream(name)))).toEqual(order);
  }
});

test("whatever the names, they fit, differ and come back", () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, maxLength: 130, unit: "grapheme" }),
    fc.constantFrom(long, "Read"),
  );
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 12 }), (all) => {
      const names = createToolNames(all);
      const short = all.map((one) => names.toUpstream(one));
      expect(short.every((one) => /^[a-zA-Z0-9_-]{1,64}$/.test(one))).toBe(true);
      expect(new Set(short).size).toBe(all.length);
      expect(short.map((one) => names.toClient(one))).toEqual(all);
    }),
  );
});
