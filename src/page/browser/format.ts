/** Numbers and times as people read them. */

const whole = new Intl.NumberFormat("en");

export function formatCount(count: number): string {
  return whole.format(count);
}

/** Four digits at most: `950`, `12.3k`, `1.2M`. */
export function formatTokens(tokens: number): string {
  for (const [unit, size] of [
    ["M", 1e6],
    ["k", 1e3],
  ] as const)
    if (tokens >= size) return `${Number((tokens / size).toFixed(tokens >= 100 * size ? 0 : 1))}${unit}`;
  return String(tokens);
}

/** Dollars; small amounts with the digits that matter. */
export function formatCost(dollars: number | undefined): string {
  if (dollars === undefined) return "–";
  if (dollars === 0) return "$0";
  if (dollars < 0.0001) return "<$0.0001";
  return dollars < 0.1 ? `$${Number(dollars.toPrecision(2))}` : `$${dollars.toFixed(dollars < 100 ? 2 : 0)}`;
}

/** @param ms a length of time */
export function formatDuration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** Tokens in a second after the first one. */
export function tokenRate(
  outputTokens: number,
  tookMs: number,
  firstTokenMs: number | undefined,
): number | undefined {
  const seconds = (tookMs - (firstTokenMs ?? 0)) / 1000;
  return firstTokenMs === undefined || outputTokens < 2 || seconds < 0.05
    ? undefined
    : outputTokens / seconds;
}

/** A share as whole percent; one that is not nothing, or not all, does not look like it. */
export function formatShare(part: number, of: number): string {
  if (of <= 0 || part <= 0) return "0 %";
  if (part >= of) return "100 %";
  return `${Math.min(99, Math.max(1, Math.round((100 * part) / of)))} %`;
}

/** The middle of some numbers; undefined of none. */
export function findMedian(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((one, other) => one - other);
  const [upper, lower] = [sorted[sorted.length >> 1], sorted[(sorted.length - 1) >> 1]];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}
