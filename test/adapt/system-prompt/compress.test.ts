import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compactPrompt, withPrompt } from "../../../src/adapt/system-prompt/compress.ts";
import { fingerprintPassage } from "../../../src/adapt/system-prompt/find-own-passages.ts";
import { guide } from "../../../src/adapt/system-prompt/prompt-sections.ts";
import { splitPrompt } from "../../../src/adapt/system-prompt/split-prompt.ts";
import { messagesRequest } from "../../../src/anthropic/wire.ts";
import { countText } from "../../../src/lib/tokenizer.ts";
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
  systemOf,
} from "../../support/prompts.ts";
import { ask } from "../../support/proxy.ts";

const roomy = 100_000;
const compact = async (prompt: string, limit = roomy) =>
  await compactPrompt([billing, identity, prompt], limit, passages);
const tokensOf = (texts: readonly string[]) =>
  countText(texts.filter((text) => text !== billing && text !== "").join("\n\n"));

describe("what is removed", () => {
  for (const [name, headings] of Object.entries({ lean, full })) {
    test(`replaces the behavioral parts of the ${name} edition by one short guide`, async () => {
      const { texts, before, after } = await compact(promptOf(headings));
      const [first, second, prompt = ""] = texts;
      expect([first, second]).toEqual([billing, identity]);
      for (const heading of headings) expect(prompt.split("\n")).not.toContain(heading);
      expect(prompt.split(guide)).toHaveLength(2);
      expect(prompt).toContain(environment);
      expect(prompt).toContain("# Session-specific guidance");
      expect(prompt.endsWith(gitStatus)).toBe(true);
      expect(after).toBeLessThan(before);
    });
  }

  test("removes the auto memory instructions, but not the location of the memory", async () => {
    const { texts } = await compact(promptOf(lean));
    expect(texts[2]).toContain(`\`${memoryPath}\``);
    expect(texts[2]).not.toContain("```");
  });

  test("removes white space where it means nothing", async () => {
    const mine =
      "Two  words.   \n\n\n\n  - keep  me\nA path /a/b  c and `code  span`\n\n```\nraw   code\n\n\n# text  \n```";
    const { texts } = await compactPrompt([mine], roomy);
    expect(texts).toEqual([
      "Two words.\n\n  - keep me\nA path /a/b  c and `code  span`\n\n```\nraw   code\n\n\n# text  \n```",
    ]);
  });
});

describe("what is kept", () => {
  test("keeps the user's own words after the environment, whatever their headings", async () => {
    const mine =
      "Talk like a pirate.\n\n# Tone and style\nArr.\n\n# Output Style: Sea\n\n## Doing tasks\nAye.";
    for (const headings of [lean, full]) {
      const [, , prompt = ""] = (await compact(promptOf(headings, mine))).texts;
      expect(prompt).toContain(mine);
      expect(prompt.indexOf(mine)).toBeGreaterThan(prompt.indexOf(environment));
    }
  });

  test("keeps the project's instructions, down to the last line", async () => {
    for (const opening of ["# claudeMd", "Contents of /home/me/my  project/CLAUDE.md (checked in):"]) {
      const instructions = `${opening}\n\n# Tone and style\n\nTwo  spaces.   \n\n\n# Harness\n`;
      expect((await compact(`# Harness\n\nRules.\n\n${instructions}`)).texts[2]).toEndWith(
        instructions.trimEnd(),
      );
    }
  });

  test("keeps the environment after a fence or tag that a removed part leaves open", async () => {
    for (const [open, close] of [
      ["```", "```"],
      ["<note>", "</note>"],
    ]) {
      const prompt = `# Harness\n${open}\nRules.\n\n${environment}\n\n# Mine\n${close}`;
      expect((await compact(prompt)).texts[2]).toContain(environment);
    }
  });

  test("keeps tagged blocks, even inside a removed part", async () => {
    const reminder =
      "<system-reminder>\nFor  you:\n# claudeMd\n# Harness\n\n\ntwo  spaces\n</system-reminder>";
    const count = "<total_tokens>1  000</total_tokens>";
    const prompt = promptOf(full).replace("# Doing tasks", `${reminder}\n\n# Doing tasks`);
    const { texts, replaced } = await compact(`${prompt}\n\n# Mine\n${count}\nWords.`);
    expect(texts[2]).toContain(reminder);
    expect(texts[2]).toContain(count);
    expect(replaced).toContain("# System");
  });

  test("keeps the prompts of other clients, up to the limit", async () => {
    const theirs = "You sell shoes.\n\n# Tone and style\n\nBe kind.";
    expect((await compactPrompt([theirs], roomy)).texts).toEqual([theirs]);
  });

  test("keeps a sub-agent's prompt, which has no known parts", async () => {
    const prompt = "You review code.\n\nReport what you find.\n\n<env>\nWorking directory:  /work\n</env>";
    expect((await compact(prompt)).texts[2]).toBe(prompt);
  });
});

describe("whose words they are", () => {
  const mine = "Sell shoes to whoever asks, and never show the stock. ".repeat(20).trim();

  test("headings of the client do not make a text the client's", async () => {
    const prompt = full.map((heading) => `${heading}\n\n${mine}`).join("\n\n");
    const { texts, replaced } = await compact(prompt);
    expect(texts[2]).toBe(prompt);
    expect(replaced).toEqual([]);
  });

  test("one part of the client, or its parts in another order, are quotations", async () => {
    const [system = "", tasks = ""] = promptOf(full)
      .split(/(?=# Doing tasks|# Executing)/)
      .map((part) => part.trim());
    const words = (text = "") => text.split(/\s+/);
    for (const prompt of [`${mine}\n\n${tasks}`, `${tasks}\n\n${system}`])
      expect(words((await compact(prompt)).texts[2])).toEqual(words(prompt.trim()));
  });

  test("what is added to the client's parts stays, under their heading", async () => {
    const prompt = promptOf(full).replace(
      "# Tone and style",
      `${mine}\n\n - And be kind.\n\n# Tone and style`,
    );
    const { texts } = await compact(prompt);
    expect(texts[2]).toContain(`# Using your tools\n\n${mine}\n\n - And be kind.`);
    expect(texts[2]).not.toContain("One more rule");
  });

  test("a part whose beginning is not known stays", async () => {
    const prompt = promptOf(full).replace(
      "# Tone and style\n\n",
      "# Tone and style\n\nNew in this version.\n\n",
    );
    expect((await compact(prompt)).texts[2]).toContain("# Tone and style\n\nNew in this version.");
  });

  test("paths and numbers do not matter, words do", () => {
    const same = "Notes of 12 days are in `/home/ann lee/notes/`.";
    expect(fingerprintPassage(same)).toBe(fingerprintPassage("Notes of 9 days\nare in `C:\\me\\notes`."));
    expect(fingerprintPassage(same)).not.toBe(fingerprintPassage(same.replace("days", "weeks")));
  });

  test("a prompt never gets longer", async () => {
    const short = promptOf(lean).replaceAll(/(One more {2}rule that every model hears\. )+/g, "Hear. ");
    const known = new Set(splitPrompt(short).map(({ text }) => fingerprintPassage(text)));
    const { texts, before, after } = await compactPrompt([billing, identity, short], roomy, known);
    expect(after).toBeLessThanOrEqual(before);
    expect(await tokensOf(texts)).toBeLessThanOrEqual(await tokensOf([identity, short]));
  });
});

describe("the limit", () => {
  const long = (words: string) => Array.from({ length: 60 }, (_, i) => `${words} ${i}.`).join("\n\n");

  test("cuts the client's words before the user's, by whole paragraphs from the end", async () => {
    const prompt = promptOf(lean, `# Mine\n\n${long("Mind this")}`);
    const limit = 500;
    const { texts, after, shortened } = await compact(prompt, limit);
    expect(await tokensOf(texts)).toBe(after);
    expect(after).toBeLessThanOrEqual(limit);
    expect(after).toBeGreaterThan(limit - 20);
    expect(shortened).toContain("# Session-specific guidance");
    const [, , rest = ""] = texts;
    expect(rest).toContain(guide);
    expect(rest).toContain(environment);
    expect(rest).toContain("# Mine\n\nMind this 0.\n\nMind this 1.");
    expect(rest).not.toContain("Mind this 59.");
  });

  test("cuts a long paragraph at a sentence", async () => {
    const sentences = Array.from({ length: 500 }, (_, i) => `Sentence ${i} has some words.`).join(" ");
    const { texts, after, shortened } = await compactPrompt([`You sell shoes.\n\n${sentences}`], 1000);
    expect(after).toBeGreaterThan(980);
    expect(after).toBeLessThanOrEqual(1000);
    expect(texts[0]).toEndWith(" words.");
    expect(shortened).toEqual(["beginning"]);
    const wordsOnly = await compactPrompt(["word ".repeat(5000)], 1000);
    expect(wordsOnly.after).toBeGreaterThan(980);
  });

  test("never cuts protected text, and names it", async () => {
    const big = `${environment}\n${long(" - /a/path")}`;
    const { texts, tooLong } = await compact(
      `# Harness\n\nRules.\n\n${big}\n\n# Mine\n\n${long("Gone")}`,
      100,
    );
    expect(texts).toEqual([billing, "", big]);
    expect(tooLong).toEqual(["# Environment"]);
  });
});

const line = fc.oneof(
  fc.constantFrom(...lean, ...full, "# Session-specific guidance", "# Mine", "## Mine", "# VSCode Context"),
  fc.constantFrom(
    "",
    "  ",
    "```",
    "~~~",
    "<env>",
    "</env>",
    "<note>",
    "</note>",
    " - item",
    "`/a  b/memory/`",
  ),
  fc.constantFrom(
    "gitStatus: now",
    "# Environment",
    "# claudeMd",
    "Contents of /a/CLAUDE.md:",
    "# currentDate",
  ),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.lorem({ maxCount: 12 }),
);
const randomPrompt = fc.array(line, { maxLength: 40 }).map((lines) => lines.join("\n"));

describe("for any prompt", () => {
  const own = "# Environment\n - at:  /home/ann\n\n\n - on:  linux";
  const around = fc.tuple(randomPrompt, randomPrompt);

  test("protected text survives byte for byte, whatever was left open above it", async () => {
    await fc.assert(
      fc.asyncProperty(around, async ([above, below]) => {
        const { texts } = await compact(`${above}\n\n${own}\n\n# Mine\n${below}`);
        expect(texts[2]).toContain(own);
      }),
      { numRuns: 300 },
    );
  });

  test("protected text survives any limit, and compressing twice changes nothing if no tag was left open", async () => {
    await fc.assert(
      fc.asyncProperty(around, fc.integer({ min: 1, max: 400 }), async ([opened, below], limit) => {
        const above = opened.replace(/```|~~~|<\/?\w+>/g, "");
        const { texts } = await compact(`${above}\n\n${own}\n\n# Mine\n${below}`, limit);
        expect(texts[2]).toContain(own);
        expect((await compactPrompt(texts, limit)).texts).toEqual(texts);
      }),
      { numRuns: 150 },
    );
  });

  test("the limit is kept unless the protected parts exceed it, and the result depends on nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomPrompt, { maxLength: 3 }),
        fc.integer({ min: 1, max: 300 }),
        async (some, limit) => {
          const texts = [billing, identity, ...some];
          const one = await compactPrompt(texts, limit);
          if (one.tooLong.length === 0) expect(await tokensOf(one.texts)).toBeLessThanOrEqual(limit);
          expect(await compactPrompt(texts, limit)).toEqual(one);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("the request", () => {
  const compress = async (body: object) => {
    const request = messagesRequest.parse(body);
    const { texts } = await compactPrompt(
      (request.system ?? []).map(({ text }) => text),
      roomy,
      passages,
    );
    return { request, compressed: withPrompt(request, texts) };
  };

  test("keeps tools, messages and cache marks", async () => {
    const tools = [
      { name: "Bash", description: "# Tone and style\nRun it.", input_schema: { type: "object" } },
    ];
    const messages = [{ role: "user", content: [{ type: "text", text: promptOf(full) }] }];
    const { request, compressed } = await compress(
      ask({ system: systemOf(promptOf(full)), tools, messages }),
    );
    expect(compressed.tools).toEqual(request.tools);
    expect(compressed.messages).toEqual(request.messages);
    expect(compressed.system?.map((block) => block.cache_control)).toEqual(
      request.system?.map((block) => block.cache_control),
    );
  });

  test("keeps system messages inside the conversation", async () => {
    const messages = [
      { role: "user", content: "Hello" },
      { role: "system", content: promptOf(full) },
    ];
    const { request, compressed } = await compress(ask({ system: systemOf(promptOf(full)), messages }));
    expect(compressed.system).not.toEqual(request.system);
    expect(compressed.messages).toBe(request.messages);
  });

  test("is the very same where there is nothing to do", async () => {
    const { request, compressed } = await compress(ask({ system: "You sell shoes." }));
    expect(compressed).toBe(request);
  });
});
