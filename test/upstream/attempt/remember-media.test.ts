import { expect, test } from "bun:test";
import { createLog } from "../../../src/telemetry/log.ts";
import { createMediaMemory } from "../../../src/upstream/attempt/remember-media.ts";
import { planFor } from "../../support/plans.ts";

const plan = (model: string) =>
  planFor({ model, max_tokens: 9, messages: [{ role: "user", content: "Hi" }] });
const here = { ...plan("claude-opus-5-5"), model: "here" };
const there = { ...here, model: "there" };

function createMemory() {
  const lines: string[] = [];
  const memory = createMediaMemory(createLog("WARNING", (line) => lines.push(line)));
  return { memory, lines };
}

test("nothing is refused before it was learned, and nothing elsewhere", () => {
  const { memory } = createMemory();
  memory.learn(here, { refuses: "pdfs" });
  memory.learn(here, { refuses: "images" });
  memory.learn(here, { refuses: "these-images", digests: ["a"] });
  expect(memory.refusesPdfs(there)).toBe(false);
  expect(memory.refusedImages(there)).toEqual({ all: false, max: undefined, has: undefined });
});

test("a model may refuse PDFs, all images, many of them, or some", () => {
  const { memory, lines } = createMemory();
  memory.learn(here, { refuses: "pdfs" });
  expect(memory.refusesPdfs(here)).toBe(true);
  memory.learn(here, { refuses: "more-images", max: 3 });
  expect(memory.refusedImages(here)).toMatchObject({ all: false, max: 3 });
  memory.learn(here, { refuses: "these-images", digests: ["a"] });
  expect(memory.refusedImages(here).has?.("a")).toBe(true);
  expect(memory.refusedImages(here).has?.("b")).toBe(false);
  memory.learn(here, { refuses: "images" });
  expect(memory.refusedImages(here).all).toBe(true);
  expect(lines.map((line) => /accepts: (.*?)(?: \w+=|"|$)/.exec(line)?.[1])).toEqual([
    "PDFs became text",
    "at most 3 images at once",
    "images became notes",
  ]);
});
