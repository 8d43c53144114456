/** Our own count of a prompt, with its texts and PDF pages cached. */
import type { TokenRules } from "../../catalog/token-rules.ts";
import { createLru } from "../../lib/lru.ts";
import { countPages, guessPages } from "./count-media.ts";
import { createTextCounts, type TextCount } from "./count-texts.ts";
import type { OwnCount } from "./predict-size.ts";
import type { Prompt } from "./read-prompt.ts";

type PromptCounts = {
  /** Returns at once: earlier counts, and an estimate of the rest. */
  estimate(prompt: Prompt, rules: TokenRules): OwnCount;
  /** Counts every text, with pauses for other requests. */
  count(prompt: Prompt, rules: TokenRules): Promise<OwnCount>;
  /** Characters that `count` would have to count. */
  uncounted(prompt: Prompt, rules: TokenRules): number;
  /** A prompt that counts the same as one that was estimated, without the texts and PDFs that have been counted. */
  forgetCounted(prompt: Prompt, rules: TokenRules): Prompt;
};

const maxPdfs = 1024;

export function createPromptCounts(): PromptCounts {
  const texts = createTextCounts();
  const pages = createLru<string, number>(maxPdfs);

  function countPdf(pdf: string): number {
    const key = keyOf(pdf);
    const count = pages.get(key) ?? countPages(pdf);
    pages.set(key, count);
    return count;
  }

  return {
    estimate(prompt, { encoding, page }) {
      const pageCount = sum(prompt.pdfs, (pdf) => pages.get(keyOf(pdf)) ?? guessPages(pdf));
      const text = texts.estimate(prompt.texts, encoding);
      return addUp(prompt, text, texts.estimate(prompt.toolTexts, encoding), pageCount * page);
    },
    async count(prompt, { encoding, page }) {
      const text = await texts.count(prompt.texts, encoding);
      const tools = await texts.count(prompt.toolTexts, encoding);
      return addUp(prompt, text, tools, sum(prompt.pdfs, countPdf) * page);
    },
    uncounted: (prompt, { encoding }) =>
      texts.uncounted(prompt.texts, encoding) + texts.uncounted(prompt.toolTexts, encoding),
    forgetCounted(prompt, { encoding, page }) {
      const isKnown = (pdf: string) => pages.get(keyOf(pdf)) !== undefined;
      return {
        ...prompt,
        texts: texts.forgetCounted(prompt.texts, encoding),
        pdfs: prompt.pdfs.filter((pdf) => !isKnown(pdf)),
        media: prompt.media + sum(prompt.pdfs.filter(isKnown), countPdf) * page,
      };
    },
  };
}

function addUp(prompt: Prompt, text: TextCount, tools: TextCount, pages: number): OwnCount {
  const { marks, foreign, digits } = text.kinds;
  return {
    load: {
      whole: 1,
      marks,
      foreign,
      digits,
      text: text.tokens + prompt.frames,
      tools: tools.tokens + prompt.toolFrames,
    },
    media: prompt.media + pages,
    guessed: text.guessed + tools.guessed,
  };
}

/** The two ends identify a file; its middle may be megabytes. */
function keyOf(base64: string): string {
  const ends = base64.slice(0, 2048) + base64.slice(-2048);
  return `${base64.length} ${Bun.hash(ends)}`;
}

function sum<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
