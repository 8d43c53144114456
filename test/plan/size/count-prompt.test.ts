import { expect, test } from "bun:test";
import { tokenRulesFor } from "../../../src/catalog/token-rules.ts";
import { countText } from "../../../src/lib/tokenizer.ts";
import { createPromptCounts } from "../../../src/plan/size/count-prompt.ts";
import type { Prompt } from "../../../src/plan/size/read-prompt.ts";

const rules = tokenRulesFor("gpt-5.4");
const prompt = (changes: Partial<Prompt> = {}): Prompt => ({
  texts: [["Hello there"]],
  toolTexts: [["Read", "Reads a file"]],
  frames: 4,
  toolFrames: 8,
  media: 100,
  pdfs: [],
  opening: 0n,
  ...changes,
});
const pdf = (pages: number, padding = 0) =>
  Buffer.from(`${"<< /Type /Page >> ".repeat(pages)}${"x".repeat(padding)}`).toString("base64");

test("text and tools are counted apart, each with what the template adds", async () => {
  const tools = (await countText("Read")) + (await countText("Reads a file"));
  expect(await createPromptCounts().count(prompt(), rules)).toMatchObject({
    load: { whole: 1, text: (await countText("Hello there")) + 4, tools: tools + 8 },
    media: 100,
    guessed: 0,
  });
});

test("an estimate says how much of it is one", async () => {
  const counts = createPromptCounts();
  expect(counts.estimate(prompt(), rules).guessed).toBeGreaterThan(0);
  const counted = await counts.count(prompt(), rules);
  expect(counts.estimate(prompt(), rules)).toEqual(counted);
  expect(counts.uncounted(prompt({ texts: [["Hello there", "new"]] }), rules)).toBe(3);
});

test("a PDF costs its pages, which are estimated until they were counted", async () => {
  const counts = createPromptCounts();
  const large = prompt({ pdfs: [pdf(1, 200_000)] });
  expect(counts.estimate(large, rules).media).toBeGreaterThan(100 + rules.page);
  expect((await counts.count(large, rules)).media).toBe(100 + rules.page);
  expect(counts.estimate(large, rules).media).toBe(100 + rules.page);
  expect((await counts.count(prompt({ pdfs: [pdf(3), pdf(2)] }), rules)).media).toBe(100 + 5 * rules.page);
});

test("what was counted before can be forgotten without changing the count", async () => {
  const counts = createPromptCounts();
  const [known, fresh] = [["Hello there"], ["Something new"]];
  await counts.count(prompt({ texts: [known], pdfs: [pdf(3)] }), rules);
  const next = prompt({ texts: [known, fresh], pdfs: [pdf(3), pdf(2)] });
  const estimate = counts.estimate(next, rules);
  const kept = counts.forgetCounted(next, rules);
  expect(kept.texts.flat()).toEqual(fresh);
  expect(kept.pdfs).toEqual([pdf(2)]);
  expect(counts.uncounted(kept, rules)).toBe(counts.uncounted(next, rules));
  expect(counts.estimate(kept, rules)).toEqual(estimate);
  expect(await counts.count(kept, rules)).toEqual(await counts.count(next, rules));
});
