/**
 * Predicts the size of a prompt at its backend, from our count and from what the backend reported for earlier prompts.
 */
import type { Calibration, Load } from "./calibrate.ts";

export type PromptSize = {
  /** The best guess, tokens. */
  readonly tokens: number;
  /** Lower bound, tokens: what the prompt costs at the lowest rates, and its media nothing. */
  readonly minTokens: number;
  /** The best guess with media at their lowest price: what is surely not left for the answer. */
  readonly tokensWithoutMedia: number;
};

/** Our count of a prompt. */
export type OwnCount = {
  readonly load: Load;
  /** Tokens of images and PDF pages, by the rules of the model. */
  readonly media: number;
  /** The part of the load that was estimated from characters. */
  readonly guessed: number;
};

/** A conversation's last report, and our count of the same prompt. */
export type Anchor = { readonly own: OwnCount; readonly reported: number };

/** What a report may be off by, and an estimate from characters: relative, and never more than this. */
const tolerances = { reported: 0.015, guessed: 0.36 };

/** The least that media cost, as a share of the guess: servers shrink images, and read pages as text. */
const minMediaShare = 0.1;

/**
 * Uses the conversation's last report and what has changed since, if there is one for a similar prompt: that holds
 * whatever images cost or a template adds. Otherwise uses the model's rates.
 */
export function predictSize(own: OwnCount, anchor: Anchor | undefined, calibration: Calibration): PromptSize {
  const base = usable(own, anchor);
  const load = base ? difference(own.load, base.own.load) : own.load;
  const change = calibration.predict(load);
  const media = own.media - (base?.own.media ?? 0);
  const reported = base?.reported ?? 0;
  const tokens = Math.max(1, reported + change + media);
  // Media that have gone took an unknown part of the report with them.
  const least =
    reported * (1 - tolerances.reported) +
    calibration.floor(load) * (own.guessed > 0 ? 1 - tolerances.guessed : 1) +
    Math.min(0, 2 * media);
  return {
    tokens: Math.round(tokens),
    minTokens: Math.max(1, Math.floor(Math.min(least, tokens))),
    tokensWithoutMedia: Math.round(tokens - Math.max(0, media) * (1 - minMediaShare)),
  };
}

/**
 * Updates the rates with what the backend reported for a fully counted prompt. In a continued conversation only the
 * new part is news. The true cost of images is too uncertain to learn from.
 */
export function learnSize(
  own: OwnCount,
  anchor: Anchor | undefined,
  calibration: Calibration,
  reported: number,
): void {
  const base = usable(own, anchor);
  const isKnown = own.media === (base?.own.media ?? 0) && (base?.own.guessed ?? 0) === 0;
  if (!isKnown) return;
  if (base) calibration.learn(difference(own.load, base.own.load), reported - base.reported);
  else calibration.learn(own.load, reported);
}

/** A request that begins with the same words may still be a different one: a count of a part, or a side question. */
function usable({ load }: OwnCount, anchor: Anchor | undefined): Anchor | undefined {
  const known = anchor?.own.load;
  if (!known || load.text < known.text / 2) return undefined;
  return Math.abs(load.tools - known.tools) <= known.tools / 10 ? anchor : undefined;
}

function difference(one: Load, other: Load): Load {
  return {
    whole: one.whole - other.whole,
    text: one.text - other.text,
    marks: (one.marks ?? 0) - (other.marks ?? 0),
    foreign: (one.foreign ?? 0) - (other.foreign ?? 0),
    digits: (one.digits ?? 0) - (other.digits ?? 0),
    tools: one.tools - other.tools,
  };
}
