/**
 * Room `adapt/system-prompt/`: a shorter system prompt (`PROMPT_COMPRESSION`). Not here: any call to a backend.
 *
 * `PROMPT_COMPRESSION=compact`: replaces Claude Code's general instructions with a short guide. A compressed prompt
 * depends only on the text and the limit, so that every turn of a session begins with the same bytes and hits the
 * backend's prompt cache.
 */
import { createHash } from "node:crypto";
import type { MessagesRequest, RequestMessage, RequestTextBlock } from "../../anthropic/wire.ts";
import {
  billingHeader,
  identityLength,
  isBillingHeader,
  isClaudeCode,
} from "../../catalog/claude-code/claude-code.ts";
import { estimateText } from "../../lib/estimate-text.ts";
import { countText } from "../../lib/tokenizer.ts";
import { furtherHeading, guide, memoryNote } from "./prompt-sections.ts";
import { findMemory, leaveOutDropped, splitPrompt, type Unit } from "./split-prompt.ts";

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
  /** Headings of the parts that were shortened to fit the limit. */
  readonly shortened: readonly string[];
  /** Headings of the protected parts, if these alone exceed the limit. */
  readonly tooLong: readonly string[];
};

/** The units of a system prompt, block by block; the billing header has none. */
export function rankUnits(texts: readonly string[]): RankedUnit[] {
  const isKnown = isClaudeCode(texts);
  return texts.flatMap((text, block) => {
    if (isBillingHeader(text)) return [];
    const units = splitPrompt(text);
    // A prompt without these headings belongs to a subagent, which the user may have written.
    const hasBoilerplate = isKnown && units.some(({ treatment }) => treatment === "drop");
    // A block of its own says who the model is.
    const isIdentity = isKnown && units.length === 1 && text.length <= identityLength;
    return units.map((unit): RankedUnit => {
      const treatment = unit.treatment === "keep" || isKnown ? unit.treatment : "cut";
      const rank = isIdentity && treatment === "cut" ? ranks.guide : rankOf(unit, treatment, hasBoilerplate);
      return { ...unit, treatment, block, rank, outlives: unit.outlives && isKnown };
    });
  });
}

function rankOf({ part, text }: Unit, treatment: Unit["treatment"], hasBoilerplate: boolean): number {
  if (treatment === "keep") return ranks.kept;
  if (guide.includes(text)) return ranks.guide;
  const isClients = treatment === "spare" || treatment === "drop" || (hasBoilerplate && part === "");
  return isClients ? ranks.client : ranks.user;
}

/** @param limit maximum tokens of the result, unless the protected parts need more */
export async function compactPrompt(texts: readonly string[], limit: number): Promise<CompressedPrompt> {
  const units = rankUnits(texts);
  return await fitPrompt(texts, replaceDropped(units, guide), limit);
}

/** The units that stay. The first one that goes is replaced by our guide. */
export function replaceDropped(
  units: readonly RankedUnit[],
  substitute: string,
  isReplaced = ({ treatment }: RankedUnit): boolean => treatment === "drop",
): RankedUnit[] {
  const first = units.find(isReplaced);
  if (!first) return [...units];
  const { block } = first;
  const path = units.map(findMemory).find((found) => found !== undefined);
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
  return units.flatMap((unit): RankedUnit[] => {
    if (isReplaced(unit)) return unit === first ? ours : [];
    if (!unit.outlives) return [unit];
    const text = `${furtherHeading}\n\n${unit.text}`;
    if (unit.treatment !== "keep") return [{ ...unit, text, part: furtherHeading, outlives: false }];
    return [{ ...unit, text: furtherHeading, treatment: "cut", rank: ranks.user, outlives: false }, unit];
  });
}

/** The prompt of these units, minus as many as the limit requires: lowest rank first, and the last of a rank first. */
export async function fitPrompt(
  texts: readonly string[],
  units: readonly RankedUnit[],
  limit: number,
): Promise<CompressedPrompt> {
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
  const partsOf = (some: Iterable<RankedUnit>) => [
    ...new Set([...some].map(({ part }) => part || "beginning")),
  ];
  return {
    texts: fitted,
    before,
    after,
    shortened: partsOf(leaving),
    tooLong: after > limit ? partsOf(units.filter(({ rank }) => rank === ranks.kept)) : [],
  };
}

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
  const isKnown = isClaudeCode(readSystemTexts(request));
  const messages = isKnown ? request.messages.map(dropKnownParts) : request.messages;
  const isSame = isSameList(system, given) && isSameList(messages, request.messages);
  return isSame ? request : { ...request, system, messages };
}

const isSameList = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, at) => item === other[at]);

/**
 * A system message in mid-conversation. Parts without a rule may be files that the user named, so only known parts are
 * dropped.
 */
function dropKnownParts(message: RequestMessage): RequestMessage {
  if (message.role !== "system") return message;
  const content = message.content.map((block) => {
    const text = block.type === "text" ? leaveOutDropped(block.text) : "";
    return block.type === "text" && text !== block.text ? { ...block, text } : block;
  });
  return isSameList(content, message.content) ? message : { ...message, content };
}

/** The key of a prompt in a cache of prompts. */
export function hashPrompt(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("base64");
}
