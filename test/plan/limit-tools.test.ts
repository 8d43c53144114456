import { expect, test } from "bun:test";
import fc from "fast-check";
import { limitTools } from "../../src/plan/limit-tools.ts";

const tool = (name: string) => ({ name });
const limit = (names: readonly string[], most: number, wanted: readonly string[] = []) =>
  limitTools(names.map(tool), most, ({ name }) => wanted.includes(name)).map(({ name }) => name);

test("required tools come first, then the client's own, then those of MCP servers, each in order", () => {
  const names = ["mcp__a__x", "Read", "mcp__a__y", "Bash", "mcp__b__z", "Edit"];
  expect(limit(names, 9)).toEqual(names);
  expect(limit(names, 4)).toEqual(["mcp__a__x", "Read", "Bash", "Edit"]);
  expect(limit(names, 4, ["mcp__b__z"])).toEqual(["Read", "Bash", "mcp__b__z", "Edit"]);
  expect(limit(names, 2, ["mcp__b__z", "Edit", "Gone"])).toEqual(["mcp__b__z", "Edit"]);
});

const conversation = fc
  .record({
    names: fc.uniqueArray(fc.stringMatching(/^(mcp__)?[a-f]{1,2}$/), { minLength: 1, maxLength: 40 }),
    most: fc.integer({ min: 5, max: 20 }),
    calls: fc.array(fc.nat(), { maxLength: 5 }),
  })
  .map(({ names, most, calls }) => ({
    names,
    most,
    calls: calls.map((at) => names[at % names.length] ?? ""),
  }));

test("the limit holds, order is kept, and tools that were used stay", () => {
  fc.assert(
    fc.property(conversation, ({ names, most, calls }) => {
      for (let turn = 0; turn <= calls.length; turn++) {
        const used = calls.slice(0, turn);
        const kept = limit(names, most, used);
        expect(kept).toHaveLength(Math.min(most, names.length));
        expect(kept).toEqual(names.filter((name) => kept.includes(name)));
        expect(used.every((name) => kept.includes(name))).toBe(true);
      }
    }),
  );
});

test("a turn that calls kept tools changes nothing", () => {
  fc.assert(
    fc.property(conversation, fc.nat(), ({ names, most, calls }, at) => {
      const kept = limit(names, most, calls);
      const used = kept[at % kept.length] ?? "";
      expect(limit(names, most, [...calls, used])).toEqual(kept);
    }),
  );
});
