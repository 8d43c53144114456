/**
 * Converts our count of a prompt to the backend's: what one of our tokens costs there, separately for text and for
 * tools, and what is added to every request. Starts from a guess and follows what the backend reports, by Bayesian
 * linear regression (a Kalman filter whose state hardly moves), which also knows how certain it is.
 */

/** Our count of a prompt, or the difference between two prompts. */
export type Load = {
  /** 1 for a whole prompt, 0 for a difference: the constant that is added to every request. */
  readonly whole: number;
  readonly text: number;
  readonly tools: number;
};

/** Tokens at the backend, and the standard deviation of the guess. */
type Guess = { readonly tokens: number; readonly sd: number };

export type Calibration = {
  predict(load: Load): Guess;
  /** Takes a report into account, or rejects it as an outlier. */
  learn(load: Load, reported: number): void;
};

type Vector = [whole: number, text: number, tools: number];
type Matrix = [Vector, Vector, Vector];

/** Standard deviation of each initial guess: templates differ a lot, vocabularies less than one would think. */
const spread: Vector = [25, 0.14, 0.2];

/** Text and tools use the same vocabulary: if one costs more, so does the other (correlation). */
const correlation = 0.7;

/** What the template adds to a prompt, whatever it contains. */
const firstWhole = 5;

/** Texts of one vocabulary differ in what they cost in another. */
const noise = (tokens: number): number => 0.04 * Math.abs(tokens) + 4;

/** Beyond this many standard deviations a report is an outlier: another model answered, or the prompt was truncated. */
const gate = 3.5;

/** This many outliers in a row mean that the backend has changed. */
const maxOutliers = 3;

/** How much of the initial uncertainty comes back with every report, so that changes are followed. */
const drift = 0.005;

export function createCalibration(ratio: number): Calibration {
  let rates: Vector = [firstWhole, ratio, ratio];
  let covariance = initialCovariance(1);
  let outliers = 0;

  function predict(load: Load): Guess {
    const vector = vectorOf(load);
    return { tokens: dot(rates, vector), sd: Math.sqrt(Math.max(0, dot(vector, times(covariance, vector)))) };
  }

  function update(vector: Vector, reported: number): void {
    const direction = times(covariance, vector);
    const variance = dot(vector, direction) + noise(reported) ** 2;
    const surprise = reported - dot(rates, vector);
    rates = add(rates, scale(direction, surprise / variance));
    covariance = minus(covariance, outer(direction, scale(direction, 1 / variance)));
    covariance = plus(covariance, initialCovariance(drift));
  }

  const isOutlier = (load: Load, reported: number): boolean => {
    const { tokens, sd } = predict(load);
    return Math.abs(reported - tokens) > gate * Math.hypot(sd, noise(reported));
  };

  return {
    predict,
    learn(load, reported) {
      if (isOutlier(load, reported)) {
        outliers += 1;
        if (outliers < maxOutliers) return;
        // More than expected may have any cause. Much less is a truncated prompt, however often it occurs.
        covariance = initialCovariance(reported > predict(load).tokens ? 16 : 1);
        if (isOutlier(load, reported)) return;
      }
      outliers = 0;
      update(vectorOf(load), reported);
    },
  };
}

const vectorOf = ({ whole, text, tools }: Load): Vector => [whole, text, tools];

/** Covariances. */
function initialCovariance(factor: number): Matrix {
  const [whole, text, tools] = spread;
  const shared = factor * correlation * text * tools;
  return [
    [factor * whole ** 2, 0, 0],
    [0, factor * text ** 2, shared],
    [0, shared, factor * tools ** 2],
  ];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const scale = ([a, b, c]: Vector, factor: number): Vector => [a * factor, b * factor, c * factor];

const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

const outer = (a: Vector, b: Vector): Matrix => [scale(b, a[0]), scale(b, a[1]), scale(b, a[2])];

const minus = (a: Matrix, b: Matrix): Matrix => plus(a, [scale(b[0], -1), scale(b[1], -1), scale(b[2], -1)]);

const plus = (a: Matrix, b: Matrix): Matrix => [add(a[0], b[0]), add(a[1], b[1]), add(a[2], b[2])];

const times = (matrix: Matrix, vector: Vector): Vector => [
  dot(matrix[0], vector),
  dot(matrix[1], vector),
  dot(matrix[2], vector),
];
