/**
 * Room `adapt/system-prompt/`: a shorter system prompt (`PROMPT_COMPRESSION`). Not here: any call to a backend.
 *
 * `PROMPT_COMPRESSION=compact`: what Claude Code tells every model about its behaviour makes room for a short guide.
 * A prompt's compressed form depends on nothing but its text and the limit, so that every turn of a session begins
 * with the same bytes and is found in the backend's cache.
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

/** A unit, its block, and how long it stays when there is no room: the lowest go first, the endless never. */
export type RankedUnit = Unit & { readonly block: number; readonly rank: number };

/** The client's own words; those of the user; ours, and who the model is; what is protected. */
export const ranks = { client: 0, user: 1, guide: 2, kept: Number.POSITIVE_INFINITY } as const;

export type CompressedPrompt = {
  /** One for each block that went in; empty where nothing is left. */
  readonly texts: readonly string[];
  /** Tokens before and after; estimated where they are surely within the limit. */
  readonly before: number;
  readonly after: number;
  /** Headings of the parts that lost something to the limit. */
  readonly shortened: readonly string[];
  /** Protected parts that alone exceed the limit. */
  readonly tooLong: readonly string[];
};

/** The units of a system prompt, block after block; those of the billing header are left out. */
export function rankUnits(texts: readonly string[]): RankedUnit[] {
  const isKnown = isClaudeCode(texts);
  return texts.flatMap((text, block) => {
    if (isBillingHeader(text)) return [];
    const units = splitPrompt(text);
    // A prompt without them is a sub-agent's, which may be of the user's making.
    const hasBoilerplate = isKnown && units.some(({ fate }) => fate === "drop");
    // Who the model is stands in a block of its own.
    const isIdentity = isKnown && units.length === 1 && text.length <= identityLength;
    return units.map((unit): RankedUnit => {
      const fate = unit.fate === "keep" || isKnown ? unit.fate : "cut";
      const rank = isIdentity && fate === "cut" ? ranks.guide : rankOf(unit, fate, hasBoilerplate);
      return { ...unit, fate, block, rank, outlives: unit.outlives && isKnown };
    });
  });
}

function rankOf({ part, text }: Unit, fate: Unit["fate"], hasBoilerplate: boolean): number {
  if (fate === "keep") return ranks.kept;
  if (guide.includes(text)) return ranks.guide;
  const isClients = fate === "spare" || fate === "drop" || (hasBoilerplate && part === "");
  return isClients ? ranks.client : ranks.user;
}

/** @param limit tokens that the result has at most, unless the protected parts have more */
export async function compactPrompt(texts: readonly string[], limit: number): Promise<CompressedPrompt> {
  const units = rankUnits(texts);
  return await fitPrompt(texts, replaceDropped(units, guide), limit);
}

/** The units that stay, and in the place of the first that does not, what stands for it. */
export function replaceDropped(
  units: readonly RankedUnit[],
  substitute: string,
  isReplaced = ({ fate }: RankedUnit): boolean => fate === "drop",
): RankedUnit[] {
  const first = units.find(isReplaced);
  if (!first) return [...units];
  const { block } = first;
  const path = units.map(findMemory).find((found) => found !== undefined);
  const notes = path === undefined ? [] : splitPrompt(memoryNote(path));
  const ours = [
    ...splitPrompt(substitute).map((unit) => ({ ...unit, fate: "cut" as const, block, rank: ranks.guide })),
    ...notes.map((unit) => ({ ...unit, block, rank: ranks.kept })),
  ];
  return units.flatMap((unit): RankedUnit[] => {
    if (isReplaced(unit)) return unit === first ? ours : [];
    if (!unit.outlives) return [unit];
    const text = `${furtherHeading}\n\n${unit.text}`;
    if (unit.fate !== "keep") return [{ ...unit, text, part: furtherHeading, outlives: false }];
    return [{ ...unit, text: furtherHeading, fate: "cut", rank: ranks.user, outlives: false }, unit];
  });
}

/** The prompt of these units, without as many of the lowest as the limit demands, the last of them first. */
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

/** What a text cannot exceed. Estimates of ASCII may be wrong by a factor in odd cases, others by any. */
function maxTokens(text: string, estimated: number): number {
  const others = text.replace(/[\x20-\x7e\s]+/g, "").length;
  // A token is a byte or more, and a UTF-16 unit is up to three.
  return Math.min(3 * estimated + 3 * others, text.length + 2 * others);
}

/** Leaves out the next ones, of at least `excess` tokens together. */
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

/** The text of each block; what has no units, as the billing header, is as it was. */
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

/** The texts of the system prompt, without what is new in the billing header of every conversation. */
export function readSystemTexts({ system }: MessagesRequest): string[] {
  return (system ?? []).map(({ text }) => (isBillingHeader(text) ? billingHeader : text));
}

/** The request with a compressed prompt; the same one where there was nothing to do. */
export function withPrompt(request: MessagesRequest, texts: readonly string[]): MessagesRequest {
  const given = request.system ?? [];
  const system = given.flatMap((block, at): RequestTextBlock[] => {
    const isHeader = isBillingHeader(block.text);
    const text = isHeader ? block.text : (texts[at] ?? block.text);
    return text === "" ? [] : [text === block.text ? block : { ...block, text }];
  });
  const isKnown = isClaudeCode(readSystemTexts(request));
  const messages = isKnown ? request.messages.map(relieve) : request.messages;
  const isSame = isSameList(system, given) && isSameList(messages, request.messages);
  return isSame ? request : { ...request, system, messages };
}

const isSameList = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, at) => item === other[at]);

/** A system message in mid-conversation: what is no part to be dropped may be a file that the user named. */
function relieve(message: RequestMessage): RequestMessage {
  if (message.role !== "system") return message;
  const content = message.content.map((block) => {
    const text = block.type === "text" ? leaveOutDropped(block.text) : "";
    return block.type === "text" && text !== block.text ? { ...block, text } : block;
  });
  return isSameList(content, message.content) ? message : { ...message, content };
}

/** Names a prompt in a memory of prompts. */
export function hashPrompt(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("base64");
}
