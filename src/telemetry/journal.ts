/**
 * What the page and `top` show, as far as it is kept in memory: requests in progress, the last of those that have
 * ended, and sums. All of it is bounded, and gone when the process ends.
 */
import { LiveList, Member } from "../lib/live-list.ts";
import { createDayFinder, startOfDay } from "./calendar.ts";
import type { MessageEntry, MessageStart } from "./entry.ts";
import { createErrorGroups, type ErrorGroup, mergeErrors } from "./group-errors.ts";
import type { MessageProgress } from "./record.ts";
import { createNames, mergeNames, type NamedSums } from "./sum-by-name.ts";
import { type Bucket, createBuckets, mergeBuckets } from "./sum-by-time.ts";
import { addEntry, addSums, noSums, type Sums } from "./sums.ts";

type LiveMessage = MessageStart & MessageProgress;

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
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Buckets that are kept. */
const maxMinutes = 180;
export const maxHours = 168;
export const maxDays = 90;

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
  const errors = createErrorGroups();
  const sessions = createNames();
  const clients = createNames();

  function countFirstToken(ms: number): void {
    let place = 0;
    while (ms > (firstTokenBounds[place] ?? Number.POSITIVE_INFINITY)) place += 1;
    firstTokens[place] = (firstTokens[place] ?? 0) + 1;
  }

  function addToSums(entry: MessageEntry): void {
    const at = entry.startedAt + entry.tookMs;
    const day = dayOf(at);
    addEntry(total, entry);
    addEntry(minutes.find(at - (at % minuteMs)), entry);
    addEntry(hours.find(at - (at % hourMs)), entry);
    addEntry(days.find(day), entry);
    if (entry.firstTokenMs !== undefined) countFirstToken(entry.firstTokenMs);
    if (entry.error !== undefined) errors.count(entry, entry.error);
    addEntry(sessions.find(entry.session ?? "", day), entry);
    addEntry(clients.find(entry.client ?? "", day), entry);
  }

  /** Not before a snapshot is taken, or many wait: the calendar takes 4 MB, which most idle proxies do without. */
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
        errors: errors.list(),
        sessions: sessions.list(today),
        clients: clients.list(today),
      };
    },
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
