import { expect, test } from "bun:test";
import { chooseMaterial, findFlaw } from "../../../src/adapt/system-prompt/condense.ts";
import { guide } from "../../../src/adapt/system-prompt/prompt-sections.ts";
import {
  billing,
  environment,
  full,
  gitStatus,
  identity,
  lean,
  memoryPath,
  passages,
  promptOf,
} from "../../support/prompts.ts";

const summary = "Work well.";
const choose = (prompt: string, limit = 4096) => chooseMaterial([billing, identity, prompt], limit, passages);

test("summarizes the client's own words, but nothing protected and nothing of the user's", async () => {
  for (const headings of [lean, full]) {
    const material = choose(promptOf(headings, "# Mine\n\nTalk like a pirate."));
    expect(material?.text).toContain("One more rule that every model hears.");
    expect(material?.text).toContain("You help with software.");
    for (const kept of [billing, identity, environment, gitStatus, "pirate"])
      expect(material?.text).not.toContain(kept);
    const { texts } = (await material?.insert(summary)) ?? { texts: [] };
    const [first, second, prompt = ""] = texts;
    expect([first, second]).toEqual([billing, identity]);
    expect(prompt).toStartWith(`# Way of working\n\n${summary}`);
    for (const kept of [environment, gitStatus, "Talk like a pirate.", memoryPath])
      expect(prompt).toContain(kept);
    expect(prompt).not.toContain(guide);
    expect(prompt).not.toContain("One more");
  }
});

test("summarizes the user's instructions only where they cannot stay as they are", async () => {
  const mine = `# Mine\n\n${"Talk like a pirate. ".repeat(200)}`;
  expect(choose(promptOf(lean, mine), 2000)?.text).not.toContain("pirate");
  expect(choose(promptOf(lean, mine), 600)?.text).toContain("pirate");
});

test("cuts a summary that exceeds the limit", async () => {
  const { after } = (await choose(promptOf(full), 400)?.insert("Mind this.\n\n".repeat(300))) ?? { after: 0 };
  expect(after).toBeGreaterThan(300);
  expect(after).toBeLessThanOrEqual(400);
});

test("finds nothing to summarize in a short prompt, or in a sub-agent's prompt that fits", () => {
  expect(choose("You help.")).toBeUndefined();
  expect(choose("You review code. ".repeat(200))).toBeUndefined();
  expect(choose("You review code. ".repeat(200), 300)).toBeDefined();
});

test("takes no summary that refuses, that says too little or too much, or that loses the names", () => {
  const rule =
    "Read `src/a.ts` before you change it, and run the check with --fix as /usr/lib/check.sh does. ";
  const text = rule.repeat(20);
  expect(findFlaw(text, rule.repeat(5))).toBeUndefined();
  expect(findFlaw(text, "")).toContain("nothing");
  expect(findFlaw(text, `I’m sorry, I cannot do that. ${rule.repeat(5)}`)).toContain("refused");
  expect(findFlaw(text, rule)).toContain("most of it");
  expect(findFlaw(text, rule.repeat(11))).toContain("hardly shorter");
  expect(findFlaw(text, "Read before you change, and run the check. ".repeat(8))).toContain("names");
});
