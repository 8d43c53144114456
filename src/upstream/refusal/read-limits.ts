/**
 * Translates how long to wait and how much is left from a backend's headers to Anthropic's. Sources: OpenAI rate
 * limits (`x-ratelimit-*`, durations such as `6m0s`), OpenRouter (`x-ratelimit-reset`, epoch ms), Azure
 * (`retry-after-ms`).
 */

/** Whole seconds to wait: from `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. */
export function readRetryAfter(headers: Headers, now: Date = new Date()): number | undefined {
  const ms = number(headers.get("retry-after-ms"));
  if (ms !== undefined) return Math.ceil(ms / 1000);
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = number(value);
  if (seconds !== undefined) return Math.ceil(seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now.getTime()) / 1000));
}

/** The backend's header family → the families that Anthropic's clients know. */
const families: readonly (readonly [suffix: string, ours: readonly string[]])[] = [
  // Without a suffix, requests are counted. A named family takes precedence, so it comes later.
  ["", ["requests"]],
  ["-requests", ["requests"]],
  ["-tokens", ["tokens", "input-tokens"]],
];

/** `anthropic-ratelimit-*` headers for the backend's `x-ratelimit-*`. */
export function readRateLimits(headers: Headers, now: Date = new Date()): Record<string, string> {
  const written: Record<string, string> = {};
  if (!hasLimits(headers)) return written;
  for (const [suffix, names] of families) {
    const values = {
      limit: amount(headers.get(`x-ratelimit-limit${suffix}`)),
      remaining: amount(headers.get(`x-ratelimit-remaining${suffix}`)),
      reset: resetTime(headers.get(`x-ratelimit-reset${suffix}`), now),
    };
    for (const [field, value] of Object.entries(values)) {
      if (value === undefined) continue;
      for (const name of names) written[`anthropic-ratelimit-${name}-${field}`] = value;
    }
  }
  for (const [name, value] of headers) if (name.startsWith("anthropic-ratelimit-")) written[name] = value;
  return written;
}

/** Most backends send none. */
function hasLimits(headers: Headers): boolean {
  for (const name of headers.keys()) if (name.includes("ratelimit-")) return true;
  return false;
}

function amount(value: string | null): string | undefined {
  const parsed = number(value);
  return parsed === undefined ? undefined : String(Math.floor(parsed));
}

/** RFC 3339, from a duration, seconds, an epoch time in s or ms, or a date. */
function resetTime(value: string | null, now: Date): string | undefined {
  if (value === null || value.trim() === "") return undefined;
  const plain = number(value);
  const time = plain === undefined ? (durationEnd(value, now) ?? Date.parse(value)) : numericTime(plain, now);
  return Math.abs(time) <= 8.64e15 ? `${new Date(time).toISOString().slice(0, 19)}Z` : undefined;
}

/** A number this large is a point in time, not a wait: 1e9 s is in the year 2001, 1e12 ms too. */
function numericTime(value: number, now: Date): number {
  if (value >= 1e12) return value;
  return value >= 1e9 ? value * 1000 : now.getTime() + value * 1000;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationEnd(value: string, now: Date): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(value.trim())) return undefined;
  let ms = 0;
  for (const [, count, unit] of value.matchAll(/([\d.]+)(ms|[smhd])/g)) {
    ms += Number(count) * (unitMs[unit ?? ""] ?? 0);
  }
  return now.getTime() + ms;
}

function number(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}
