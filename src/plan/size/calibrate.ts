/**
 * Converts our count of a prompt to the backend's: what one of our tokens costs there, separately for kinds of text and
 * for tools, and what is added to every request. Starts from a guess and follows what the backend reports, by Bayesian
 * linear regression (a Kalman filter whose state hardly moves), which also knows how certain it is.
 */
import type { TextKinds } from "../../lib/estimate-text.ts";

/** Our count of a prompt, or the difference between two prompts. */
export type Load = Partial<TextKinds> & {
  /** 1 for a whole prompt, 0 for a difference: the constant that is added to every request. */
  readonly whole: number;
  /** All text; `marks`, `foreign` and `digits` are parts of it. */
  readonly text: number;
  readonly tools: number;
};

export type Calibration = {
  /** Tokens at the backend. */
  predict(load: Load): number;
  /** The standard deviation of that. */
  deviation(load: Load): number;
  /**
   * What a load costs at least, at the lowest rates that are possible or were ever reported. High reports never raise
   * it: another kind of text may be cheaper.
   */
  floor(load: Load): number;
  /** Takes a report into account, or rejects it as an outlier. */
  learn(load: Load, reported: number): void;
};

/** One number for each of: whole, words, marks, foreign, digits, tools. */
type Vector = readonly number[];
/** Row by row. */
type Matrix = Readonly<Float64Array>;

const vectorOf = ({ whole, text, tools, marks = 0, foreign = 0, digits = 0 }: Load): Vector => [
  whole,
  text - marks - foreign - digits,
  marks,
  foreign,
  digits,
  tools,
];

/**
 * Standard deviation of each initial guess: templates differ a lot, English words less than one would think, and an old
 * vocabulary takes three times as much for Chinese.
 */
const spread: Vector = [150, 0.14, 0.2, 1, 0.5, 0.2];

const size = spread.length;

/** All use the same vocabulary: if one costs more, so may the others. Other scripts and digits say less about words. */
const likeness: Vector = [0, 0.9, 0.8, 0.2, 0.4, 0.75];

/** What the template adds to a prompt, whatever it contains. */
const firstWhole = 5;

/** Texts of one vocabulary differ in what they cost in another. */
const noise = (tokens: number): number => 0.03 * Math.abs(tokens) + 4;

/** Beyond this many standard deviations a report is an outlier. */
const gate = 3.5;

/** This many outliers in a row mean that the backend has changed, or was misjudged. */
const maxOutliers = 3;

/** How much of the initial uncertainty comes back with every report, so that changes are followed. */
const drift = 0.005;

/** No vocabulary known costs less than this share of the first guess: words, and tools that a template rewrites. */
const minShare: Vector = [0, 0.58, 0.5, 0.3, 0.3, 0.4];

/** What text that has gone may have cost at most, as a multiple of the first guess. */
const maxShare = 2;

export function createCalibration(ratio: number): Calibration {
  const rates = [firstWhole, ...new Array<number>(size - 1).fill(ratio)];
  let covariance = initialCovariance(1);
  /** In a row, of whole prompts and of differences: a template may change while the vocabulary stays. */
  const outliers = { whole: 0, change: 0 };
  /** The lowest report, as a share of the floor of its prompt. */
  let lowest = 1;

  const predict = (load: Load): number => dot(rates, vectorOf(load));

  function deviation(load: Load): number {
    const vector = vectorOf(load);
    return Math.sqrt(Math.max(0, dot(vector, times(covariance, vector))));
  }

  function floorOf(load: Load): number {
    const vector = vectorOf(load);
    let sum = 0;
    for (let at = 0; at < size; at += 1) {
      const each = vector[at] ?? 0;
      sum += each * (each < 0 ? maxShare : (minShare[at] ?? 0));
    }
    return ratio * sum;
  }

  function update(vector: Vector, reported: number): void {
    const direction = times(covariance, vector);
    const variance = dot(vector, direction) + noise(reported) ** 2;
    const surprise = reported - dot(rates, vector);
    for (let i = 0; i < size; i += 1) {
      const gain = (direction[i] ?? 0) / variance;
      rates[i] = (rates[i] ?? 0) + gain * surprise;
      for (let j = 0; j < size; j += 1) {
        const at = i * size + j;
        covariance[at] = (covariance[at] ?? 0) - gain * (direction[j] ?? 0) + (returning[at] ?? 0);
      }
    }
  }

  /** Makes everything uncertain, so that the next report counts; above all the constant, which may be of any size. */
  function forget(load: Load, reported: number): void {
    const surprise = load.whole * (reported - predict(load));
    covariance = initialCovariance(16);
    covariance[0] = (covariance[0] ?? 0) + surprise ** 2;
  }

  const isOutlier = (load: Load, reported: number): boolean =>
    Math.abs(reported - predict(load)) > gate * Math.hypot(deviation(load), noise(reported));

  return {
    predict,
    deviation,
    floor: (load) => lowest * floorOf(load),
    learn(load, reported) {
      if (load.whole === 0 && Math.abs(load.text) + Math.abs(load.tools) < minChange) return;
      const kind = load.whole > 0 ? "whole" : "change";
      if (isOutlier(load, reported)) {
        outliers[kind] += 1;
        if (outliers[kind] < maxOutliers) return;
        forget(load, reported);
        if (isOutlier(load, reported)) return;
      }
      outliers[kind] = 0;
      const floor = floorOf(load);
      if (floor > minLesson) lowest = Math.min(lowest, reported / floor);
      update(vectorOf(load), reported);
    },
  };
}

/** Smaller loads say nothing about a lowest rate, tokens. */
const minLesson = 200;

/** A prompt that hardly differs from the last one teaches nothing, but each lesson makes room for doubt; tokens. */
const minChange = 20;

/** Covariances. */
function initialCovariance(factor: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    const shared = i === j ? 1 : (likeness[i] ?? 0) * (likeness[j] ?? 0);
    return factor * (spread[i] ?? 0) * (spread[j] ?? 0) * shared;
  });
}

/** Comes back with every report. */
const returning = initialCovariance(drift);

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let at = 0; at < size; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

function times(matrix: Matrix, vector: Vector): number[] {
  const product: number[] = [];
  for (let i = 0; i < size; i += 1) {
    let sum = 0;
    for (let j = 0; j < size; j += 1) sum += (matrix[i * size + j] ?? 0) * (vector[j] ?? 0);
    product.push(sum);
  }
  return product;
}
