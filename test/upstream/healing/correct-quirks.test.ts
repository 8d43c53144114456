import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { changeQuirks, commonQuirks, type QuirkChanges } from "../../../src/catalog/quirks.ts";
import type { Correction } from "../../../src/upstream/corrections.ts";
import { correctQuirks } from "../../../src/upstream/healing/correct-quirks.ts";

const choice = (from: "any" | "required" | { type: string }, to: string): Correction => ({
  change: "replace",
  path: "tool_choice",
  from,
  to,
});
const named = { type: "function" };
const asObject: Correction = {
  change: "replace",
  path: "response_format",
  from: { type: "json_schema" },
  to: { type: "json_object" },
};
const noFormat: Correction = { change: "drop", path: "response_format" };

describe("corrections of a decision are quirks of the next plan", () => {
  const rows: [string, Correction[], QuirkChanges][] = [
    ["a name that cannot be forced", [choice(named, "required")], { toolChoice: { named: "only-tool" } }],
    ["only the model's own choice", [choice(named, "auto")], { toolChoice: { named: "auto" } }],
    ["no forced call at all", [choice("required", "auto")], { toolChoice: { any: "auto" } }],
    [
      "first the name, then the force",
      [choice(named, "required"), choice("required", "auto")],
      { toolChoice: { any: "auto", named: "auto" } },
    ],
    [
      "a ban",
      [{ change: "drop", path: "tool_choice", from: "none" }],
      { toolChoice: { none: "omit-tools" } },
    ],
    ["a schema", [asObject], { json: { format: "json_object" } }],
    ["a schema and any JSON", [asObject, noFormat], { json: { format: "none" } }],
    ["JSON beside tools", [{ ...noFormat, withTools: true }], { json: { withTools: false } }],
  ];
  test.each(rows)("%s", (_, corrections, changes) => {
    expect(correctQuirks(commonQuirks, corrections)).toEqual(changeQuirks(commonQuirks, changes));
  });
});

test("corrections of anything else leave the quirks as they are", () => {
  const others: Correction[] = [
    { change: "drop", path: "stop" },
    { change: "drop", path: "tool_choice", from: "auto" },
    { change: "drop", path: "response_format.json_schema.strict" },
    { change: "cap", path: "max_tokens", to: 9 },
  ];
  expect(correctQuirks(commonQuirks, others)).toBe(commonQuirks);
});

test("what was learned once is not learned otherwise the second time", () => {
  const correction = fc.constantFrom<Correction>(
    choice(named, "required"),
    choice(named, "auto"),
    choice("any", "required"),
    choice("any", "auto"),
    choice("required", "auto"),
    { change: "drop", path: "tool_choice", from: "none" },
    asObject,
    noFormat,
    { ...noFormat, withTools: true },
  );
  fc.assert(
    fc.property(fc.array(correction), (corrections) => {
      const once = correctQuirks(commonQuirks, corrections);
      expect(correctQuirks(once, corrections)).toBe(once);
      expect(correctQuirks(commonQuirks, corrections)).toBe(once);
      expect(correctQuirks(once, [...corrections])).toEqual(once);
    }),
  );
});
