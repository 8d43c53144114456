/** `PROMPT_COMPRESSION=summarize`, as far as it needs no backend: what is summarized, and where the summary goes. */
import { estimateText } from "../../lib/estimate-text.ts";
import {
  type CompressedPrompt,
  fitPrompt,
  partsOf,
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

/** Tokens of a summary: a quarter of the text, but enough for what Claude Code says about behavior. */
const share = 0.25;
const minSummary = 200;
const maxSummary = 2000;
const wordsPerToken = 0.6;

/** What to summarize in a system prompt; undefined if a call would not pay off. */
export function chooseMaterial(
  texts: readonly string[],
  limit: number,
  known?: ReadonlySet<string>,
): Material | undefined {
  const units = rankUnits(texts, known);
  const isClients = ({ treatment, rank }: RankedUnit): boolean =>
    treatment === "drop" || rank === ranks.client;
  const room = limit - sizeOf(units.filter((unit) => !isClients(unit)));
  // The user's own instructions are summarized only if there is no room for them.
  const isReplaced =
    room >= minSummary ? isClients : (unit: RankedUnit) => isClients(unit) || unit.rank === ranks.user;
  const text = textOf(units.filter(isReplaced));
  if (text.length < minText) return undefined;
  const left = limit - sizeOf(units.filter((unit) => !isReplaced(unit)));
  const wanted = estimateText(text) * share;
  return {
    text,
    words: Math.floor(Math.min(maxSummary, Math.max(minSummary, Math.min(left, wanted))) * wordsPerToken),
    insert: async (summary) => ({
      ...(await fitPrompt(texts, replaceDropped(units, `${guideHeading}\n\n${summary}`, isReplaced), limit)),
      replaced: partsOf(units.filter(isReplaced)),
    }),
  };
}

/** A summary outside of these shares of its text says nothing, or saves nothing. */
const minShare = 0.1;
const maxShare = 0.5;

/** How a model begins that will not do it. */
const refusal =
  /^\W*(?:I(?:'m| am) (?:very )?sorry|sorry\b|I (?:can(?:'|no)t|won't|am (?:unable|not able))|I'm (?:unable|not able)|as an AI\b|unfortunately\b)/i;

/** What cannot be said in other words: code spans, flags and paths. */
const name = /`[^`\n]+`|(?<![\w/-])(?:--[a-z][\w-]+|(?:~|\.{1,2})?\/[\w.-]+(?:\/[\w.-]+)+)/g;

/** Why a summary cannot stand for its text; undefined if it can. Examples may go, so half of the names are enough. */
export function findFlaw(text: string, summary: string): string | undefined {
  if (summary === "") return "the model said nothing";
  if (refusal.test(summary.replaceAll("’", "'"))) return "the model refused";
  const share = estimateText(summary) / estimateText(text);
  if (share < minShare) return "the model left out most of it";
  if (share > maxShare) return "the model made it hardly shorter";
  const names = [...new Set(Array.from(text.matchAll(name), ([found]) => found.replaceAll("`", "")))];
  const kept = names.filter((each) => summary.includes(each));
  return kept.length < names.length / 2 ? "the model left out most of its names and paths" : undefined;
}

const textOf = (units: readonly RankedUnit[]): string =>
  units
    .map(({ gap, text }) => gap + text)
    .join("")
    .trim();

const sizeOf = (units: readonly RankedUnit[]): number => estimateText(textOf(units));
