/**
 * Reads "your prompt is too long" and its numbers in every server's wording. Claude Code compacts its conversation when
 * it reads Anthropic's wording with two numbers in it; with any other wording the session is stuck.
 */
import {
  describeLongAnswer,
  describeLongPrompt,
  describeUnmeasuredPrompt,
} from "../../anthropic/write-refusal.ts";
import { minShrunkOutput } from "../../catalog/claude-code/claude-code.ts";
import { isOverflow } from "./overflow-wording.ts";
import type { Fault } from "./read-fault.ts";

type Overflow = {
  readonly kind: "prompt-too-long" | "invalid-request";
  readonly message: string;
  /** Tokens, if the prompt alone would fit and a shorter answer helps. */
  readonly sizes?: { readonly prompt: number; readonly limit: number };
};

/** @returns what to tell the client, or undefined if the fault is no overflow */
export function readOverflow(status: number, fault: Fault): Overflow | undefined {
  const isKnown = fault.codeKind === "prompt-too-long";
  // MiniMax has one code for all requests that it refuses, and says in words what is wrong with them.
  const isOther = fault.codeKind !== undefined && fault.codeKind !== "invalid-request";
  if (isOther && !isKnown) return undefined;
  if (!isKnown && !isOverflow(status, `${fault.codes.join(". ")}. ${fault.text}`)) return undefined;
  return explain(readNumbers(normalizeNumbers(fault.text), fault), fault.text);
}

function normalizeNumbers(text: string): string {
  return text.toLowerCase().replace(/(\d),(?=\d{3}\b)/g, "$1");
}

type Numbers = { prompt?: number | undefined; output?: number | undefined; limit?: number | undefined };

function explain({ prompt, output, limit }: Numbers, text: string): Overflow {
  if (prompt !== undefined && limit !== undefined && prompt >= limit) return tooLong(prompt, limit);
  if (prompt !== undefined && limit !== undefined && output !== undefined && prompt + output > limit) {
    if (limit - prompt < minShrunkOutput) return tooLong(prompt + output, limit);
    return {
      kind: "invalid-request",
      message: describeLongAnswer(prompt, output, limit),
      sizes: { prompt, limit },
    };
  }
  const plain = text.replace(/^prompt is too long:?\s*/i, "");
  return {
    kind: "prompt-too-long",
    message: describeUnmeasuredPrompt(plain || "the backend gave no numbers"),
  };
}

function tooLong(tokens: number, limit: number): Overflow {
  return { kind: "prompt-too-long", message: describeLongPrompt(tokens, limit) };
}

const promptPatterns: readonly RegExp[] = [
  /context limit: (\d+) \+/,
  /(\d+) (?:tokens )?(?:in|from|of) (?:the |your )?(?:input )?(?:messages|prompt)/,
  /prompt contains (?:at least )?(\d+)/,
  /(?:request|prompt) has (\d+) (?:input )?tokens/,
  /resulted in (\d+) tokens/,
  /given: (\d+)/,
  /prompt of length (\d+)/,
];
/** OpenRouter lists text, tools and images separately. */
const inputShares = /(\d+) of \w+ input/g;

const outputPatterns: readonly RegExp[] = [
  /context limit: \d+ \+ (\d+)/,
  /(\d+) (?:tokens )?(?:in|for) (?:the |your )?(?:completion|output)/,
  /requested (\d+) (?:(?:output|completion) tokens|to generate tokens)/,
  /(?:tokens'?|`) is too large: (\d+)/,
  /and (\d+) `max_new_tokens`/,
];

const limitPatterns: readonly RegExp[] = [
  /context limit: \d+ \+ \d+ > (\d+)/,
  /maximum (?:context|model|prompt) length (?:is|of) (\d+)/,
  /with (\d+) maximum context length/,
  /(?:limit|maximum) of (\d+)/,
  /must be <= (\d+)/,
  /must have less than (\d+)/,
];

/** Then the numbers count no tokens. */
const otherUnits = /\b(?:bytes|characters|message size|string|array) /;

/** `text` is in lower case, its numbers without separators. */
function readNumbers(text: string, fault: Fault): Numbers {
  if (fault.promptTokens !== undefined && fault.windowTokens !== undefined) {
    return { prompt: fault.promptTokens, limit: fault.windowTokens };
  }
  const shares = [...text.matchAll(inputShares)].map((match) => Number(match[1]));
  const numbers: Numbers = {
    prompt: shares.length > 0 ? shares.reduce((sum, share) => sum + share) : find(promptPatterns, text),
    output: find(outputPatterns, text),
    limit: find(limitPatterns, text),
  };
  const { prompt, output = 0, limit } = numbers;
  if (prompt !== undefined && limit !== undefined && prompt + output > limit) return numbers;
  if (otherUnits.test(text)) return {};
  // Of two numbers with unknown roles the larger is the prompt, since it does not fit. Shorter numbers are statuses
  // and codes, longer ones names of requests.
  const long = [...text.matchAll(/(?<![\w.-])\d{4,8}(?![\w-])/g)].map(Number);
  const [first, second] = limit === undefined ? long : [limit, long.find((number) => number > limit)];
  if (first === undefined || second === undefined || first === second) return {};
  return { prompt: Math.max(first, second), limit: Math.min(first, second) };
}

function find(patterns: readonly RegExp[], text: string): number | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(text)?.[1];
    if (match !== undefined) return Number(match);
  }
  return undefined;
}
