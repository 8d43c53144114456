import { expect, test } from "bun:test";
import { changeQuirks, commonQuirks } from "../../src/catalog/quirks.ts";

test("changes apply in order, field by field within a group", () => {
  const before = structuredClone(commonQuirks);
  const changed = changeQuirks(
    commonQuirks,
    { sampling: { topK: true, maxStops: 1 }, caching: { marks: true } },
    { sampling: { maxStops: 16 } },
  );
  expect(changed).toEqual({
    ...before,
    sampling: { ...before.sampling, topK: true, maxStops: 16 },
    caching: { ...before.caching, marks: true },
  });
  expect(commonQuirks).toEqual(before);
});

test("every group can be changed, and its other fields stay", () => {
  for (const [group, fields] of Object.entries(commonQuirks)) {
    if (typeof fields !== "object") continue;
    const [first = ""] = Object.keys(fields);
    const changed: Record<string, unknown> = changeQuirks(commonQuirks, { [group]: { [first]: "changed" } });
    expect(changed[group]).toEqual({ ...fields, [first]: "changed" });
  }
});
