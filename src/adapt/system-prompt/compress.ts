/**
 * Room `adapt/system-prompt/`: a shorter system prompt (`PROMPT_COMPRESSION`). Not here: any call to a backend.
 *
 * `PROMPT_COMPRESSION=compact`: replaces Claude Code's general instructions with a short guide. The words of anyone else
 * stay, unless the operator set a limit. A compressed prompt depends only on the text and the limit, so that every turn
 * of a session begins with the same bytes and hits the backend's prompt cache.
 */
import type { MessagesRequest, RequestTextBlock } from "../../anthropic/wire.ts";
import {
  billingHeader,
  identityLength,
  isBillingHeader,
  isClaudeCode,
  knownPassages,
} from "../../catalog/claude-code/claude-code.ts";
import { estimateText } from "../../lib/estimate-text.ts";
import { countText } from "../../lib/tokenizer.ts";
import { findOwnPassages } from "./find-own-passages.ts";
import { guide, memoryNote } from "./prompt-sections.ts";
import { shortenText } from "./shorten-text.ts";
import { findMemory, splitPrompt, type Unit } from "./split-prompt.ts";

/**
 * A unit, its block, and its rank: when there is no room, units with the lowest rank go first, those with rank
 * Infinity never.
 */
export type RankedUnit = Unit & { readonly block: number; readonly rank: number };

/** Rank by origin: the client's text; the user's; our guide, and who the model is; protected parts. */
export const ranks = { client: 0, user: 1, guide: 2, kept: Number.POSITIVE_INFINITY } as const;

export type CompressedPrompt = {
  /** One text for each block of the original; empty if nothing is left. */
  readonly texts: readonly string[];
  /** Tokens before and after; estimated if they are certainly within the limit. */
  readonly before: number;
  readonly after: number;
  /** Headings of the parts that were replaced, wholly or but for the words of others. */
  readonly replaced: readonly string[];
  /** Headings of the parts that were shortened to fit the limit. */
  readonly shortened: readonly string[];
  /** Headings of the protected parts, if these alone exceed the limit. */
  readonly tooLong: readonly string[];
};

/**
 * The units of a system prompt, block by block; the billing header has none.
 *
 * @param known the fingerprints of the client's passages
 */
export function rankUnits(texts: readonly string[], known = knownPassages): RankedUnit[] {
  const units = texts.flatMap((text, block) =>
    isBillingHeader(text) ? [] : splitPrompt(text).map((unit) => ({ ...unit, block })),
  );
  const isKnown = isClaudeCode(texts);
  const own = isKnown ? findOwnPassages(units, known) : new Set();
  return units.map((unit): RankedUnit => {
    if (unit.treatment === "keep") return { ...unit, rank: ranks.kept };
    if (own.has(unit)) return { ...unit, rank: ranks.client };
    // A short block of its own says who the model is.
    const isIdentity = isKnown && unit.text === texts[unit.block] && unit.text.length <= identityLength;
    const isOurs = isIdentity || guide.includes(unit.text);
    return { ...unit, treatment: "cut", rank: isOurs ? ranks.guide : ranks.user };
  });
}

/**
 * @param limit maximum tokens of the result, unless the protected parts need more
 * @param known the fingerprints of the client's passages
 */
export async function compactPrompt(
  texts: readonly string[],
  limit: number,
  known = knownPassages,
): Promise<CompressedPrompt> {
  const units = rankUnits(texts, known);
  const replaced = replaceDropped(units, guide);
  const isShorter = await isShorterText(writeText(texts, replaced), writeText(texts, units));
  const { shortened, ...fitted } = await fitPrompt(texts, isShorter ? replaced : units, limit);
  const dropped = units.filter(({ treatment }) => isShorter && treatment === "drop");
  return { ...fitted, shortened, replaced: partsOf(dropped) };
}

/** Counts only what is too close to be estimated. */
async function isShorterText(one: string, other: string): Promise<boolean> {
  if (2 * estimateText(one) < estimateText(other)) return true;
  return (await countText(one)) < (await countText(other));
}

/** The units that stay. The first one that goes is replaced by our guide. */
export function replaceDropped(
  units: readonly RankedUnit[],
  substitute: string,
  isReplaced = ({ treatment }: RankedUnit): boolean => treatment === "drop",
): RankedUnit[] {
  const gone = units.filter(isReplaced);
  const [first] = gone;
  if (!first) return [...units];
  const { block } = first;
  const path = gone.map(findMemory).find((found) => found !== undefined);
  const notes = path === undefined ? [] : splitPrompt(memoryNote(path));
  const ours = [
    ...splitPrompt(substitute).map((unit) => ({
      ...unit,
      treatment: "cut" as const,
      block,
      rank: ranks.guide,
    })),
    ...notes.map((unit) => ({ ...unit, block, rank: ranks.kept })),
  ];
  /** Whether the heading of the present part went without its last passages. */
  let isHeadless = false;
  return units.flatMap((unit): RankedUnit[] => {
    if (unit.place === 0) isHeadless = unit.heading !== "" && isReplaced(unit);
    if (isReplaced(unit)) return unit === first ? ours : [];
    if (!isHeadless) return [unit];
    isHeadless = false;
    const heading = { ...unit, treatment: "cut", text: unit.heading, gap: "\n\n" } as const;
    if (unit.treatment !== "keep") return [{ ...heading, text: `${unit.heading}\n\n${unit.text}` }];
    return [
      { ...heading, rank: ranks.user },
      { ...unit, gap: "\n\n" },
    ];
  });
}

/** The prompt of these units, minus as many as the limit requires: lowest rank first, and the last of a rank first. */
export async function fitPrompt(
  texts: readonly string[],
  units: readonly RankedUnit[],
  limit: number,
): Promise<Omit<CompressedPrompt, "replaced">> {
  const given = texts.filter((text) => !isBillingHeader(text)).join("\n\n");
  const whole = writePrompt(texts, units);
  const estimated = { before: estimateText(given), after: estimateText(joined(whole)) };
  if (maxTokens(joined(whole), estimated.after) <= limit)
    return { texts: whole, ...estimated, shortened: [], tooLong: [] };

  const before = await countText(given);
  let after = await countText(joined(whole));
  const leaving = new Set<RankedUnit>();
  let fitted = whole;
  const candidates = units.filter(({ rank }) => rank < ranks.kept).reverse();
  candidates.sort((one, other) => one.rank - other.rank);
  while (after > limit && leaving.size < candidates.length) {
    await leaveOut(candidates, leaving, after - limit);
    fitted = writePrompt(
      texts,
      units.filter((unit) => !leaving.has(unit)),
    );
    after = await countText(joined(fitted));
  }
  const last = [...leaving].at(-1);
  if (last && after < limit) {
    const kept = await shortenText(last.text, limit - after, async (text) => {
      const some = units.flatMap((unit) =>
        unit === last ? [{ ...unit, text }] : leaving.has(unit) ? [] : [unit],
      );
      const tried = writePrompt(texts, some);
      const tokens = await countText(joined(tried));
      return tokens <= limit ? { tried, tokens } : undefined;
    });
    if (kept) ({ tried: fitted, tokens: after } = kept);
  }
  return {
    texts: fitted,
    before,
    after,
    shortened: partsOf(leaving),
    tooLong: after > limit ? partsOf(units.filter(({ rank }) => rank === ranks.kept)) : [],
  };
}

export const partsOf = (units: Iterable<RankedUnit>): string[] => [
  ...new Set([...units].map(({ part }) => part || "beginning")),
];

/** An upper bound of a text's tokens. Estimates of ASCII may be wrong by a factor in odd cases, others by any. */
function maxTokens(text: string, estimated: number): number {
  const others = text.replace(/[\x20-\x7e\s]+/g, "").length;
  // A token is at least one byte, and a UTF-16 unit is up to three bytes.
  return Math.min(3 * estimated + 3 * others, text.length + 2 * others);
}

/** Leaves out further units, worth at least `excess` tokens together. */
async function leaveOut(
  candidates: readonly RankedUnit[],
  leaving: Set<RankedUnit>,
  excess: number,
): Promise<void> {
  let left = excess;
  for (const unit of candidates.slice(leaving.size)) {
    if (left <= 0) return;
    leaving.add(unit);
    left -= await countText(unit.gap + unit.text);
  }
}

/** The text of each block. Blocks without units, such as the billing header, are unchanged. */
function writePrompt(texts: readonly string[], units: readonly RankedUnit[]): string[] {
  return texts.map((text, block) => {
    if (isBillingHeader(text)) return text;
    const own = units.filter((unit) => unit.block === block);
    return own.map(({ gap, text }, at) => (at === 0 ? text : gap + text)).join("");
  });
}

const writeText = (texts: readonly string[], units: readonly RankedUnit[]): string =>
  joined(writePrompt(texts, units));

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== "" && !isBillingHeader(text)).join("\n\n");
}

/** The texts of the system prompt, without the part of the billing header that is new in every conversation. */
export function readSystemTexts({ system }: MessagesRequest): string[] {
  return (system ?? []).map(({ text }) => (isBillingHeader(text) ? billingHeader : text));
}

/** The request with a compressed prompt; the same one if there was nothing to do. */
export function withPrompt(request: MessagesRequest, texts: readonly string[]): MessagesRequest {
  const given = request.system ?? [];
  const system = given.flatMap((block, at): RequestTextBlock[] => {
    const isHeader = isBillingHeader(block.text);
    const text = isHeader ? block.text : (texts[at] ?? block.text);
    return text === "" ? [] : [text === block.text ? block : { ...block, text }];
  });
  const isSame = system.length === given.length && system.every((block, at) => block === given[at]);
  return isSame ? request : { ...request, system };
}

/** The key of a prompt in a cache of prompts. */
export function hashPrompt(texts: readonly string[]): string {
  return Bun.CryptoHasher.hash("sha256", JSON.stringify(texts), "base64");
}
