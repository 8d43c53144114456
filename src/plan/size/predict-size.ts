/**
 * Predicts the size of a prompt at its backend, from our count and from what the backend reported for earlier prompts.
 */
import type { Calibration, Load } from "./calibrate.ts";

export type PromptSize = {
  /** The best guess, tokens. */
  readonly tokens: number;
  /** Lower bound, tokens. */
  readonly minTokens: number;
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

/** Relative uncertainty of each kind of token (standard deviation). */
const uncertainties = { guessed: 0.12, media: 0.4, predicted: 0.03, reported: 0.005 };

/**
 * Uses the conversation's last report and what has changed since, if there is one for a similar prompt: that holds
 * whatever images cost or a template adds. Otherwise uses the model's rates.
 */
export function predictSize(own: OwnCount, anchor: Anchor | undefined, calibration: Calibration): PromptSize {
  const base = usable(own, anchor);
  const { tokens: change, sd } = calibration.predict(base ? difference(own.load, base.own.load) : own.load);
  const media = own.media - (base?.own.media ?? 0);
  const reported = base?.reported ?? 0;
  const tokens = Math.max(1, reported + change + media);
  const deviation = Math.hypot(
    sd,
    uncertainties.predicted * change,
    uncertainties.reported * reported,
    uncertainties.media * media,
    uncertainties.guessed * own.guessed,
  );
  return { tokens: Math.round(tokens), minTokens: Math.max(1, Math.floor(tokens - 3 * deviation)) };
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
  return { whole: one.whole - other.whole, text: one.text - other.text, tools: one.tools - other.tools };
}
