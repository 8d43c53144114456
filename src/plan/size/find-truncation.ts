/** Recognizes by its report of tokens that a backend has silently left out a part of the prompt. */
import type { PromptSize } from "./predict-size.ts";

/** No server has a smaller window: a smaller report is a wrong count, or none at all. */
const minWindow = 1000;

/** What the backend reported, and what was expected for the same prompt. */
type Report = {
  readonly reported: number;
  readonly expected: Pick<PromptSize, "tokens" | "minTokens">;
  /** Expected tokens of images and PDFs, which are less certain. */
  readonly media: number;
};

/**
 * Whether the backend has silently left out a part of the prompt, as servers do whose window is smaller than the
 * model's: it counted far too few tokens, or just a window's worth.
 */
export function isTruncated({ reported, expected, media }: Report): boolean {
  const { tokens, minTokens } = expected;
  if (reported < minWindow || reported >= minTokens || media > tokens / 5) return false;
  return isImplausible(reported, expected) || (isWindow(reported) && reported < tokens * 0.8);
}

/** Our count of a prompt, and what was reported for it. */
export type Sized = { readonly own: number; readonly reported: number };

/**
 * Whether a report that seems too low grows with the prompts: the vocabulary is cheaper than any that is known. What
 * is left of a cut prompt does not grow.
 */
export function isHonest(report: Sized, doubted: Sized | undefined): boolean {
  if (!doubted) return false;
  const growth = report.own / doubted.own;
  return Math.abs(growth - 1) > 0.1 && Math.abs(report.reported / doubted.reported / growth - 1) < 0.05;
}

/** Whether prompts of different sizes are reported as the same, and lower than expected: a window is full. */
export function isConstant(
  { reported, expected, media }: Report,
  { own }: Sized,
  last: Sized | undefined,
): boolean {
  if (!last || reported < minWindow || media > 0 || Math.abs(reported - last.reported) > 2) return false;
  return reported < 0.8 * expected.tokens && Math.abs(own / last.own - 1) > 0.1;
}

/** Whether the tokens are too few for the expected prompt. */
export function isImplausible(
  reported: number,
  { tokens, minTokens }: Pick<PromptSize, "tokens" | "minTokens">,
): boolean {
  return reported < Math.min(minTokens, tokens / 2);
}

/** Servers fill their window to the last token or two. Source: `num_ctx` of Ollama, `-c` of llama.cpp. */
function isWindow(tokens: number): boolean {
  const window = 2 ** Math.ceil(Math.log2(tokens));
  return window >= 2048 && window - tokens <= 2;
}

export function describeTruncation({ reported, expected }: Report, model: string): string {
  return (
    `The backend seems to cut prompts for ${model} silently: it counted ${reported} of about ` +
    `${expected.tokens} tokens, and the model never saw the rest. Raise the server's context length ` +
    "(OLLAMA_CONTEXT_LENGTH or num_ctx, --ctx-size, --max-model-len), or use a model with a larger window"
  );
}
