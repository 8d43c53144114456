import { describe, expect, test } from "bun:test";
import { type Catalog, createCatalog, type ModelFacts } from "../../src/catalog/models.ts";
import { chooseListed, fillTiers, leavesOpen } from "../../src/plan/fill-tiers.ts";

const fill = (given: typeof open, catalog: Catalog, suggested: string) => {
  const source = { catalog, suggested };
  return fillTiers(given, () => source);
};

const open = { big: "", middle: "", small: "" };

describe("open tiers", () => {
  test("take what the list offers, once there is a list", () => {
    const catalog = createCatalog();
    const models = fill(open, catalog, "none");
    expect(leavesOpen(models)).toBe(true);
    catalog.replace([{ id: "only" }], 0);
    expect(leavesOpen(models)).toBe(false);
    expect({ ...models }).toEqual({ big: "only", middle: "only", small: "only" });
  });

  test("follow the tier above them", () => {
    const catalog = createCatalog();
    expect({ ...fill({ ...open, big: "b" }, catalog, "") }).toEqual({
      big: "b",
      middle: "b",
      small: "b",
    });
    expect({ ...fill({ ...open, big: "b", middle: "m" }, catalog, "") }).toMatchObject({ small: "m" });
    catalog.replace([{ id: "listed" }], 0);
    expect({ ...fill({ ...open, small: "s" }, catalog, "") }).toEqual({
      big: "listed",
      middle: "listed",
      small: "s",
    });
  });
});

test("tiers at other backends follow their own list", () => {
  const [one, other] = ["one", "other"].map((id) => {
    const catalog = createCatalog();
    catalog.replace([{ id }], 0);
    return { catalog, suggested: "" };
  });
  const models = fillTiers({ ...open, big: "b" }, (tier) => (tier === "middle" ? other : one) ?? fail());
  expect({ ...models }).toEqual({ big: "b", middle: "other", small: "b" });
});

function fail(): never {
  throw new Error("There are two sources");
}

describe("the choice from a list", () => {
  const cases: [why: string, models: ModelFacts[], chosen: string | undefined][] = [
    ["nothing is listed", [], undefined],
    ["only one is listed", [{ id: "nomic-embed" }], "nomic-embed"],
    ["the suggested one is listed", [{ id: "a", contextWindow: 9e5 }, { id: "known" }], "known"],
    ["others have another purpose", [{ id: "text-embedding-3" }, { id: "tts-1" }, { id: "chat" }], "chat"],
    [
      "the window is the largest",
      [
        { id: "a", contextWindow: 8192 },
        { id: "b", contextWindow: 32_768 },
      ],
      "b",
    ],
    ["the others take no tools", [{ id: "a", supportedParameters: ["top_p"] }, { id: "b" }], "b"],
    ["it comes first", [{ id: "a" }, { id: "b" }], "a"],
  ];
  test.each(cases)("%s", (_, models, chosen) =>
    expect(chooseListed(models, "known")?.id).toBe(chosen as string),
  );
});
