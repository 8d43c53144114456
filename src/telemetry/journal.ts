/**
 * What the page and `top` show, as far as it is kept in memory: requests in progress, the last of those that have
 * ended, and sums. All of it is bounded, and gone when the process ends.
 */
import { cutName, type MessageEntry, type MessageStart } from "./entry.ts";
import type { MessageProgress } from "./record.ts";

/** What some messages took together. */
export type Sums = {
  readonly messages: number;
  readonly failed: number;
  /** Tokens of prompts, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** US dollars; of the messages whose cost is known. */
  readonly costUsd: number;
  /** Messages whose cost is not known, though they have used tokens. */
  readonly unpriced: number;
};

export type Bucket = Sums & {
  /** When it begins; Unix time, ms. */
  readonly at: number;
};

type NamedSums = Sums & { readonly name: string };

type LiveMessage = MessageStart & MessageProgress;

type ErrorGroup = {
  readonly error: string;
  readonly status: number;
  readonly backend: string;
  readonly model: string;
  readonly count: number;
  /** Unix time, ms. */
  readonly lastAt: number;
};

/** A copy that does not change; plain JSON. */
export type Snapshot = {
  readonly startedAt: number;
  /** The oldest first. */
  readonly live: readonly LiveMessage[];
  /** The newest first. */
  readonly recent: readonly MessageEntry[];
  readonly total: Sums;
  /** Since midnight, in the time zone of the proxy. */
  readonly today: Sums;
  readonly minutes: readonly Bucket[];
  readonly hours: readonly Bucket[];
  readonly days: readonly Bucket[];
  /** How many answers began within each of `firstTokenBounds`; the last number is of those beyond. */
  readonly firstTokens: readonly number[];
  readonly errors: readonly ErrorGroup[];
  /** Today's. */
  readonly sessions: readonly NamedSums[];
  readonly clients: readonly NamedSums[];
};

export type Journal = {
  /** @param progress how far the message is */
  begin(start: MessageStart, progress: () => MessageProgress): void;
  end(entry: MessageEntry): void;
  snapshot(): Snapshot;
};

/** Upper bounds of the time until the first token, ms. */
export const firstTokenBounds = [100, 250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000] as const;

const maxRecent = 200;
const maxErrors = 50;
const maxNames = 200;
/** Length of a bucket, ms, and how many are kept. */
const spans = { minutes: [60_000, 180], hours: [3_600_000, 168] } as const;
const maxDays = 90;

export const noSums: Sums = {
  messages: 0,
  failed: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  unpriced: 0,
};

export function addSums(one: Sums, other: Sums): Sums {
  return {
    messages: one.messages + other.messages,
    failed: one.failed + other.failed,
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    costUsd: one.costUsd + other.costUsd,
    unpriced: one.unpriced + other.unpriced,
  };
}

/** When the day of a time began, in the time zone of this machine. Both in Unix time, ms. */
export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

export function createJournal(now: () => number = Date.now): Journal {
  const startedAt = now();
  const live = new Map<string, { readonly start: MessageStart; readonly progress: () => MessageProgress }>();
  const recent: MessageEntry[] = [];
  let total = noSums;
  const minutes = createBuckets(...spans.minutes);
  const hours = createBuckets(...spans.hours);
  const days = createBuckets(startOfDay, maxDays);
  const firstTokens: number[] = Array.from({ length: firstTokenBounds.length + 1 }, () => 0);
  const errors = new Map<string, ErrorGroup>();
  const sessions = createNames();
  const clients = createNames();

  function countError(entry: MessageEntry, error: string): void {
    const { status, backend, model, startedAt, tookMs } = entry;
    const key = JSON.stringify([error, backend, model]);
    const count = (errors.get(key)?.count ?? 0) + 1;
    // The last to be seen is the last to go.
    errors.delete(key);
    errors.set(key, { error, status, backend, model, count, lastAt: startedAt + tookMs });
    dropFirst(errors, maxErrors);
  }

  return {
    begin(start, progress) {
      live.set(start.id, { start, progress });
    },
    end(entry) {
      live.delete(entry.id);
      recent.push(entry);
      if (recent.length > maxRecent) recent.shift();
      const sums = sumsOf(entry);
      const at = entry.startedAt + entry.tookMs;
      total = addSums(total, sums);
      for (const buckets of [minutes, hours, days]) buckets.add(at, sums);
      if (entry.firstTokenMs !== undefined) {
        const found = firstTokenBounds.findIndex((bound) => (entry.firstTokenMs ?? 0) <= bound);
        const place = found === -1 ? firstTokenBounds.length : found;
        firstTokens[place] = (firstTokens[place] ?? 0) + 1;
      }
      if (entry.error !== undefined) countError(entry, entry.error);
      sessions.add(entry.session ?? "", at, sums);
      clients.add(entry.client ?? "", at, sums);
    },
    snapshot() {
      const today = startOfDay(now());
      return {
        startedAt,
        live: [...live.values()].map(({ start, progress }) => ({ ...start, ...progress() })),
        recent: recent.toReversed(),
        total,
        today: days.list().find(({ at }) => at === today) ?? noSums,
        minutes: minutes.list(),
        hours: hours.list(),
        days: days.list(),
        firstTokens: [...firstTokens],
        errors: [...errors.values()].reverse(),
        sessions: sessions.list(today),
        clients: clients.list(today),
      };
    },
  };
}

export function sumsOf(entry: MessageEntry): Sums {
  const { inputTokens, cachedTokens, outputTokens, costUsd } = entry;
  return {
    messages: 1,
    failed: entry.error === undefined ? 0 : 1,
    inputTokens,
    cachedTokens,
    outputTokens,
    costUsd: costUsd ?? 0,
    unpriced: costUsd === undefined && inputTokens + outputTokens > 0 ? 1 : 0,
  };
}

/** Several processes of one proxy, as one. */
export function mergeSnapshots(snapshots: readonly Snapshot[]): Snapshot {
  const all = <Part>(part: (snapshot: Snapshot) => readonly Part[]) => snapshots.flatMap(part);
  const sum = (part: (snapshot: Snapshot) => Sums) => snapshots.map(part).reduce(addSums, noSums);
  return {
    startedAt: Math.min(...snapshots.map((snapshot) => snapshot.startedAt)),
    live: all(({ live }) => live).sort((one, other) => one.startedAt - other.startedAt),
    recent: all(({ recent }) => recent)
      .sort((one, other) => other.startedAt + other.tookMs - one.startedAt - one.tookMs)
      .slice(0, maxRecent),
    total: sum(({ total }) => total),
    today: sum(({ today }) => today),
    minutes: mergeBuckets(all(({ minutes }) => minutes)),
    hours: mergeBuckets(all(({ hours }) => hours)),
    days: mergeBuckets(all(({ days }) => days)),
    firstTokens: firstTokenBounds
      .map((_, place) => place)
      .concat(firstTokenBounds.length)
      .map((place) => snapshots.reduce((count, { firstTokens }) => count + (firstTokens[place] ?? 0), 0)),
    errors: mergeErrors(all(({ errors }) => errors)),
    sessions: mergeNames(all(({ sessions }) => sessions)),
    clients: mergeNames(all(({ clients }) => clients)),
  };
}

/** In the order of time. */
export function mergeBuckets(buckets: readonly Bucket[]): Bucket[] {
  const merged = new Map<number, Sums>();
  for (const { at, ...sums } of buckets) merged.set(at, addSums(merged.get(at) ?? noSums, sums));
  return [...merged].map(([at, sums]) => ({ at, ...sums })).sort((one, other) => one.at - other.at);
}

/** The dearest first, then those with the most tokens. */
export function mergeNames(names: readonly NamedSums[]): NamedSums[] {
  const merged = new Map<string, Sums>();
  for (const { name, ...sums } of names) merged.set(name, addSums(merged.get(name) ?? noSums, sums));
  return [...merged]
    .map(([name, sums]) => ({ name, ...sums }))
    .sort((one, other) => other.costUsd - one.costUsd || tokensOf(other) - tokensOf(one));
}

const tokensOf = ({ inputTokens, outputTokens }: Sums): number => inputTokens + outputTokens;

function mergeErrors(groups: readonly ErrorGroup[]): ErrorGroup[] {
  const merged = new Map<string, ErrorGroup>();
  for (const group of groups) {
    const key = JSON.stringify([group.error, group.backend, group.model]);
    const known = merged.get(key);
    const count = group.count + (known?.count ?? 0);
    merged.set(key, { ...group, count, lastAt: Math.max(group.lastAt, known?.lastAt ?? 0) });
  }
  return [...merged.values()].sort((one, other) => other.lastAt - one.lastAt).slice(0, maxErrors);
}

/** @param length of a bucket, ms, or the function that finds its beginning */
function createBuckets(length: number | ((at: number) => number), max: number) {
  const startOf = typeof length === "number" ? (at: number) => at - (at % length) : length;
  const buckets = new Map<number, Sums>();
  return {
    add(at: number, sums: Sums): void {
      const start = startOf(at);
      buckets.set(start, addSums(buckets.get(start) ?? noSums, sums));
      dropFirst(buckets, max);
    },
    list: (): Bucket[] =>
      [...buckets].map(([at, sums]) => ({ at, ...sums })).sort((one, other) => one.at - other.at),
  };
}

/** Sums of one day by name. */
function createNames() {
  let day = 0;
  const names = new Map<string, Sums>();
  return {
    add(name: string, at: number, sums: Sums): void {
      const today = startOfDay(at);
      if (today > day) names.clear();
      day = Math.max(day, today);
      const key = cutName(name);
      const known = names.get(key) ?? noSums;
      // The last to be seen is the last to go.
      names.delete(key);
      names.set(key, addSums(known, sums));
      dropFirst(names, maxNames);
    },
    list: (today: number): NamedSums[] =>
      day === today ? mergeNames([...names].map(([name, sums]) => ({ name, ...sums }))) : [],
  };
}

function dropFirst<Key>(map: Map<Key, unknown>, max: number): void {
  if (map.size <= max) return;
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}
