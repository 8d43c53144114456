/** What the page knows: the whole at first, then once a second what is new. */
import type { PageState } from "../page-state.ts";

const maxRecent = 200;

/** The old state with what is new in the other. */
export function mergeStates(old: PageState | undefined, fresh: PageState): PageState {
  if (fresh.isWhole || !old) return fresh;
  const known = new Set(fresh.recent.map(({ id }) => id));
  return {
    ...fresh,
    recent: [...fresh.recent, ...old.recent.filter(({ id }) => !known.has(id))].slice(0, maxRecent),
    minutes: mergeBuckets(old.minutes, fresh.minutes),
    hours: mergeBuckets(old.hours, fresh.hours),
    days: mergeBuckets(old.days, fresh.days),
  };
}

type Buckets = PageState["minutes"];

function mergeBuckets(old: Buckets, fresh: Buckets): Buckets {
  const [first] = fresh;
  return first ? [...old.filter(({ at }) => at < first.at), ...fresh] : old;
}

export type Span = "minutes" | "hours" | "days";

/** How many buckets are drawn, and how long each is, ms. */
const spans: Readonly<Record<Span, { readonly length: number; readonly count: number }>> = {
  minutes: { length: 60_000, count: 60 },
  hours: { length: 3_600_000, count: 48 },
  days: { length: 86_400_000, count: 30 },
};

const nothing = {
  messages: 0,
  failed: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  unpriced: 0,
};

/** The buckets of a span up to now, with those in which nothing happened. */
export function listBuckets(state: PageState, span: Span): Buckets {
  const { length, count } = spans[span];
  const known = new Map(state[span].map((bucket) => [bucket.at, bucket]));
  const starts = Array.from({ length: count }, (_, back) =>
    span === "days"
      ? dayBefore(state.now, count - 1 - back)
      : state.now - (state.now % length) - (count - 1 - back) * length,
  );
  return starts.map((at) => known.get(at) ?? nearby(state[span], at, span) ?? { at, ...nothing });
}

/** Days are those of the proxy, whose time zone may be another. */
function nearby(buckets: Buckets, at: number, span: Span): Buckets[number] | undefined {
  return span === "days"
    ? buckets.find((bucket) => Math.abs(bucket.at - at) < spans.days.length / 2)
    : undefined;
}

function dayBefore(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - days).getTime();
}
