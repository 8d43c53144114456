/**
 * What the page and `top` show, as far as it is kept in memory: requests in progress, the last of those that have
 * ended, and sums. All of it is bounded, and gone when the process ends.
 */
import { LiveList, Member } from "../lib/live-list.ts";
import { createDayFinder, startOfDay } from "./calendar.ts";
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

/** Sums that are added to in place, because every message is added to several of them. */
type RunningSums = { -readonly [Name in keyof Sums]: Sums[Name] };

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

/** A message in progress. */
class OpenMessage extends Member<OpenMessage> {
  readonly start: MessageStart;
  readonly progress: () => MessageProgress;

  constructor(start: MessageStart, progress: () => MessageProgress) {
    super();
    this.start = start;
    this.progress = progress;
  }
}

export type Journal = {
  /** @param progress how far the message is */
  begin(start: MessageStart, progress: () => MessageProgress): OpenMessage;
  /** @param message what `begin` returned, if the message was in progress */
  end(entry: MessageEntry, message?: OpenMessage): void;
  snapshot(): Snapshot;
};

/** Upper bounds of the time until the first token, ms. */
export const firstTokenBounds = [100, 250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000] as const;

const maxRecent = 200;
const maxErrors = 50;
const maxNames = 200;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Buckets that are kept. */
const maxMinutes = 180;
const maxHours = 168;
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

export function createJournal(now: () => number = Date.now): Journal {
  const startedAt = now();
  const live = new LiveList<OpenMessage>();
  const recent: MessageEntry[] = [];
  /** The newest of `recent`, which are in no sum yet. */
  let unsummed = 0;
  const total = { ...noSums };
  const dayOf = createDayFinder();
  const minutes = createBuckets(maxMinutes);
  const hours = createBuckets(maxHours);
  const days = createBuckets(maxDays);
  const firstTokens: number[] = Array.from({ length: firstTokenBounds.length + 1 }, () => 0);
  const errors = new Map<string, ErrorGroup>();
  const sessions = createNames();
  const clients = createNames();

  function countFirstToken(ms: number): void {
    let place = 0;
    while (ms > (firstTokenBounds[place] ?? Number.POSITIVE_INFINITY)) place += 1;
    firstTokens[place] = (firstTokens[place] ?? 0) + 1;
  }

  function countError(entry: MessageEntry, error: string): void {
    const { status, backend, model, startedAt, tookMs } = entry;
    const key = JSON.stringify([error, backend, model]);
    const count = (errors.get(key)?.count ?? 0) + 1;
    // The last to be seen is the last to go.
    errors.delete(key);
    errors.set(key, { error, status, backend, model, count, lastAt: startedAt + tookMs });
    dropFirst(errors, maxErrors);
  }

  function addToSums(entry: MessageEntry): void {
    const at = entry.startedAt + entry.tookMs;
    const day = dayOf(at);
    addEntry(total, entry);
    addEntry(minutes.find(at - (at % minuteMs)), entry);
    addEntry(hours.find(at - (at % hourMs)), entry);
    addEntry(days.find(day), entry);
    if (entry.firstTokenMs !== undefined) countFirstToken(entry.firstTokenMs);
    if (entry.error !== undefined) countError(entry, entry.error);
    addEntry(sessions.find(entry.session ?? "", day), entry);
    addEntry(clients.find(entry.client ?? "", day), entry);
  }

  /** When somebody looks, or many wait: the calendar takes 4 MB, which most idle proxies do without. */
  function sumUp(): void {
    for (const entry of recent.slice(recent.length - unsummed)) addToSums(entry);
    unsummed = 0;
  }

  return {
    begin(start, progress) {
      const message = new OpenMessage(start, progress);
      live.add(message);
      return message;
    },
    end(entry, message) {
      if (message) live.delete(message);
      recent.push(entry);
      if (recent.length > maxRecent) recent.shift();
      unsummed += 1;
      if (unsummed === maxRecent) sumUp();
    },
    snapshot() {
      sumUp();
      const today = startOfDay(now());
      return {
        startedAt,
        live: [...live].map(({ start, progress }) => ({ ...start, ...progress() })),
        recent: recent.toReversed(),
        total: { ...total },
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
  const sums = { ...noSums };
  addEntry(sums, entry);
  return sums;
}

function addEntry(
  sums: RunningSums,
  { error, inputTokens, cachedTokens, outputTokens, costUsd }: MessageEntry,
): void {
  sums.messages += 1;
  if (error !== undefined) sums.failed += 1;
  sums.inputTokens += inputTokens;
  sums.cachedTokens += cachedTokens;
  sums.outputTokens += outputTokens;
  if (costUsd !== undefined) sums.costUsd += costUsd;
  else if (inputTokens + outputTokens > 0) sums.unpriced += 1;
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

/** Sums of times that follow one another. */
function createBuckets(max: number) {
  const buckets = new Map<number, RunningSums>();
  return {
    /** @param start when the bucket begins */
    find(start: number): RunningSums {
      const known = buckets.get(start);
      if (known) return known;
      const sums = { ...noSums };
      buckets.set(start, sums);
      dropFirst(buckets, max);
      return sums;
    },
    list: (): Bucket[] =>
      [...buckets].map(([at, sums]) => ({ at, ...sums })).sort((one, other) => one.at - other.at),
  };
}

const dayMs = 24 * hourMs;

/** Sums of one day by name. */
function createNames() {
  let day = 0;
  let last: string | undefined;
  const names = new Map<string, RunningSums>();
  return {
    find(name: string, today: number): RunningSums {
      // A clock that was a day ahead, or more, has been corrected.
      if (today > day || day - today >= dayMs) {
        names.clear();
        day = today;
        last = undefined;
      }
      const key = cutName(name);
      const sums = names.get(key) ?? { ...noSums };
      if (key === last) return sums;
      // The last to be seen is the last to go.
      names.delete(key);
      names.set(key, sums);
      last = key;
      dropFirst(names, maxNames);
      return sums;
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
