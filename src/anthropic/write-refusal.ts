/**
 * Refusals that clients parse and act on, in the exact words of Anthropic's API and of its protocol for gateways. They
 * are a contract with every client. How a client reacts changes with its releases, and is only noted here. Source:
 * Anthropic API errors; LLM gateway protocol.
 */

/** The prompt alone has more tokens than the window. Claude Code reads both numbers, compacts and tries again. */
export function describeLongPrompt(tokens: number, window: number): string {
  return `prompt is too long: ${tokens} tokens > ${window} maximum`;
}

/** The same if the numbers are unknown; Claude Code compacts then, too. */
export function describeUnmeasuredPrompt(reason: string): string {
  return `prompt is too long: ${reason}`;
}

/** Prompt and answer together exceed the window, in tokens. Claude Code asks for a shorter answer. */
export function describeLongAnswer(prompt: number, answer: number, window: number): string {
  return (
    `input length and \`max_tokens\` exceed context limit: ${prompt} + ${answer} > ${window}, ` +
    "decrease input length or `max_tokens` and try again"
  );
}

/** Claude Code removes the image or PDF from its conversation, tells the model, and goes on. */
export function describeUnusableMedia(media: "image" | "pdf", reason: string): string {
  return `Could not process ${media}: ${reason}`;
}

/**
 * The model accepts no media of this kind at all. The message is the whole signal: a client removes them from its
 * conversation and goes on.
 */
export function describeRefusedMediaKind(media: "image" | "pdf"): string {
  return `capability_rejected: ${media === "image" ? "image_block" : "document_block"}`;
}

/**
 * The feature behind a beta header is not available. The message is the whole signal: Claude Code goes on without it.
 */
export function describeMissingBeta(beta: string): string {
  return `capability_rejected: beta_header:${beta}`;
}
