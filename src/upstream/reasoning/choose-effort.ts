/** Chooses the nearest effort to one that a model does not support. */
import type { ReasoningEffort } from "../../catalog/quirks.ts";

/** `none` switches reasoning off. */
export type AnyEffort = ReasoningEffort | "none";

/**
 * How strong an effort is. The distances decide which neighbor is nearest: if both are missing, `medium` goes up and
 * `xhigh` goes down, as providers themselves map them; any other tie goes to the weaker one. Source: the reasoning
 * guides of DeepSeek, xAI and Moonshot.
 */
const strength: Readonly<Record<AnyEffort, number>> = {
  none: -1,
  minimal: 0,
  low: 1,
  medium: 2.1,
  high: 3,
  xhigh: 3.9,
  max: 5,
};

export const efforts = Object.keys(strength).filter((word): word is AnyEffort => word in strength);

/**
 * A client that asks for reasoning would rather have less, or more, than none: `none` only if nothing else is known.
 */
export function nearestEffort<Known extends AnyEffort>(
  requested: AnyEffort,
  known: readonly Known[],
): Known | undefined {
  const thinking = known.filter((effort) => effort !== "none");
  const distance = (effort: Known) => Math.abs(strength[effort] - strength[requested]);
  const [nearest] = (thinking.length > 0 ? thinking : known).toSorted(
    (one, other) => distance(one) - distance(other) || strength[one] - strength[other],
  );
  return nearest;
}
