/**
 * Recognizes "your prompt is too long" in every server's wording. Claude Code compacts its conversation when it reads
 * Anthropic's wording with two numbers in it; with any other wording the session is stuck.
 */
import {
  describeLongAnswer,
  describeLongPrompt,
  describeUnmeasuredPrompt,
} from "../../anthropic/write-refusal.ts";
import { minShrunkOutput } from "../../catalog/claude-code/claude-code.ts";
import type { Fault } from "./read-fault.ts";

type Overflow = {
  readonly kind: "prompt-too-long" | "invalid-request";
  readonly message: string;
  /** Tokens, if the prompt alone would fit and a shorter answer helps. */
  readonly sizes?: { readonly prompt: number; readonly limit: number };
};

/** Wordings of servers and gateways. Each means that the prompt, or prompt and answer together, are too long. */
const wordings: readonly RegExp[] = [
  /prompt is too long|prompt_too_long/,
  /input is too long for requested model/,
  /exceeds the context window/,
  /exceeds? context limit/,
  /input token count.*exceeds the maximum/,
  /maximum prompt length is \d+/,
  /reduce the length of the (messages|prompt|input)/,
  /maximum context length (is|of) \d+/,
  /maximum model length of \d+/,
  /longer than the model's context length/,
  /(prompt|input|context|token)[^.]{0,60}exceeds the limit of \d+/,
  /exceed_context_size_error|exceeds the available context size/,
  /greater than the context length|context the overflows/,
  /context window exceeds limit/,
  /exceeded model token limit/,
  /too large for model with \d+ maximum context length/,
  /range of input length should be/,
  /context[_ ]length[_ ]exceeded|context_window_exceeded/,
  /too many (input )?tokens/,
  /token limit exceeded/,
  // Text Generation Inference, Together
  /`inputs` tokens \+ `max_new_tokens` must be/,
  /`inputs` must have less than \d+ tokens/,
  // GitHub Models
  /tokens_limit_reached/,
];

/** Rate limits, which pass with time; their texts mention tokens too. */
const rateWording = /rate[ _-]?limit|quota|(tokens|requests) per (minute|day)/;

/** Only the output limit is exceeded; a shorter prompt would change nothing. */
const outputCapWording =
  /max_(completion_|output_|new_)?tokens.*(too large|too many|at most|less than|exceeds)|valid range of max_tokens/;
const contextWording = /context (length|limit|window)|(prompt|input) (tokens|length)/;

/** @returns what to tell the client, or undefined if the fault is no overflow */
export function readOverflow(status: number, fault: Fault): Overflow | undefined {
  const text = fault.text.toLowerCase().replace(/(\d),(?=\d{3}\b)/g, "$1");
  if (fault.codeKind === "prompt-too-long") return explain(readNumbers(text, fault), fault.text);
  const words = `${fault.codes.join(" ")} ${text}`;
  if (status === 429 || rateWording.test(words)) return undefined;
  if (outputCapWording.test(words) && !contextWording.test(words)) return undefined;
  if (!wordings.some((wording) => wording.test(words))) return undefined;
  return explain(readNumbers(text, fault), fault.text);
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
];
/** OpenRouter lists text, tools and images separately. */
const inputShares = /(\d+) of \w+ input/g;

const outputPatterns: readonly RegExp[] = [
  /context limit: \d+ \+ (\d+)/,
  /(\d+) (?:tokens )?(?:in|for) (?:the |your )?(?:completion|output)/,
  /requested (\d+) (?:output|completion) tokens/,
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
  // Of two numbers with unknown roles the larger is the prompt, since it does not fit. Shorter numbers are statuses
  // and codes.
  const long = [...text.matchAll(/(?<![\w.-])\d{4,}(?![\w-])/g)].map(Number);
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
