/** `PROMPT_COMPRESSION=summarize`, as far as it needs no backend: what is summarized, and where the summary goes. */
import { estimateText } from "../../lib/estimate-text.ts";
import {
  type CompressedPrompt,
  fitPrompt,
  type RankedUnit,
  ranks,
  rankUnits,
  replaceDropped,
} from "./compress.ts";
import { guideHeading } from "./prompt-sections.ts";

export type Material = {
  /** The text to summarize; nothing protected. */
  readonly text: string;
  /** Maximum length of the summary, in words. */
  readonly words: number;
  /** The prompt with the summary in its place. */
  insert(summary: string): Promise<CompressedPrompt>;
};

/** A shorter text is not worth a call, characters. */
const minText = 1000;

/** Tokens of a summary: enough for what Claude Code says about behavior, and few enough to be worth it. */
const minSummary = 200;
const maxSummary = 1000;
const wordsPerToken = 0.6;

/** What to summarize in a system prompt; undefined if a call would not pay off. */
export function chooseMaterial(texts: readonly string[], limit: number): Material | undefined {
  const units = rankUnits(texts);
  const isClients = ({ treatment, rank }: RankedUnit): boolean =>
    treatment === "drop" || rank === ranks.client;
  const room = limit - sizeOf(units.filter((unit) => !isClients(unit)));
  // The user's own instructions are summarized only if there is no room for them.
  const isReplaced =
    room >= minSummary ? isClients : (unit: RankedUnit) => isClients(unit) || unit.rank === ranks.user;
  const text = textOf(units.filter(isReplaced));
  if (text.length < minText) return undefined;
  const left = limit - sizeOf(units.filter((unit) => !isReplaced(unit)));
  return {
    text,
    words: Math.floor(Math.min(maxSummary, Math.max(minSummary, left)) * wordsPerToken),
    insert: (summary) =>
      fitPrompt(texts, replaceDropped(units, `${guideHeading}\n\n${summary}`, isReplaced), limit),
  };
}

const textOf = (units: readonly RankedUnit[]): string =>
  units
    .map(({ gap, text }) => gap + text)
    .join("")
    .trim();

const sizeOf = (units: readonly RankedUnit[]): number => estimateText(textOf(units));
