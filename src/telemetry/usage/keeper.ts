/**
 * Keeps rows in the database whatever happens to it: while it is locked, full or away, they wait, up to a number; what
 * is corrupt is set aside, never deleted. Nothing here throws.
 */
import { realpathSync, renameSync, statSync } from "node:fs";
import { describeSystemError } from "../../lib/describe-system-error.ts";
import { readErrorCode } from "../../lib/read-error-code.ts";
import type { MessageEntry } from "../entry.ts";
import {
  ForeignDatabaseError,
  openDatabase,
  type UsageDatabase,
  type UsageQuery,
  type UsageSum,
} from "./database.ts";

type KeeperOptions = {
  readonly path: string;
  /** How long rows are kept. */
  readonly days: number;
  /** Told once for each thing that goes wrong, until rows are kept again. */
  readonly warn: (words: string) => void;
  readonly open?: (path: string) => UsageDatabase;
  /** The current time, ms. */
  readonly now?: () => number;
};

export type Keeper = {
  /** @returns whether nothing waits */
  keep(entries: readonly MessageEntry[]): boolean;
  /** Undefined if the database cannot be read. */
  sum(query: UsageQuery): UsageSum[] | undefined;
  /** @returns how many rows are lost, because they still waited */
  close(): number;
};

const dayMs = 24 * 60 * 60_000;
const pruneEveryMs = 60 * 60_000;
/** Rows that may wait: some megabytes. */
export const maxWaiting = 20_000;

export function createKeeper(options: KeeperOptions): Keeper {
  const { path, days, warn, open = openDatabase, now = Date.now } = options;
  let opened: UsageDatabase | undefined;
  /** The file that was opened last. */
  let file: string | undefined;
  let waiting: MessageEntry[] = [];
  let prunedAt = Number.NEGATIVE_INFINITY;
  let fault: string | undefined;
  let hasLost = false;

  /** The database, opened again if its file was replaced or removed. */
  function use(): UsageDatabase {
    if (opened && file !== identify(path)) {
      close();
      warn(`USAGE_DB: ${path} was removed or replaced; a new one is used from now on`);
    }
    if (!opened) {
      file = identify(path);
      opened = open(path);
      file = identify(path);
    }
    return opened;
  }

  function close(): void {
    try {
      opened?.close();
    } catch {
      // What cannot be closed is of no more use either way.
    }
    opened = undefined;
  }

  function write(): void {
    const database = use();
    if (Math.abs(now() - prunedAt) >= pruneEveryMs) {
      database.prune(now() - days * dayMs);
      prunedAt = now();
    }
    if (waiting.length > 0) database.write(waiting);
    waiting = [];
    fault = undefined;
    hasLost = false;
  }

  function tell(thrown: unknown): void {
    const words = describeSystemError(thrown);
    if (words === fault) return;
    fault = words;
    warn(`USAGE_DB: cannot keep the usage in ${path}, requests go on without it: ${words}`);
  }

  /** @returns whether there is a place for a new one */
  function setAside(): boolean {
    close();
    // Another process may have been faster.
    if (file !== identify(path)) return true;
    const suffix = `.corrupt-${new Date(now()).toISOString().slice(0, 10)}-${crypto.randomUUID().slice(0, 8)}`;
    let real: string;
    try {
      // A link stays one: the file that it leads to is set aside.
      real = realpathSync(path);
      renameSync(real, real + suffix);
    } catch (error) {
      tell(error);
      return false;
    }
    const aside = real + suffix;
    for (const part of ["-wal", "-shm"])
      try {
        renameSync(real + part, aside + part);
      } catch {
        // There is none.
      }
    warn(`USAGE_DB: ${path} is corrupt; it was set aside as ${aside}, and a new one begins`);
    return true;
  }

  function attempt(isSecond = false): void {
    try {
      write();
    } catch (thrown) {
      if (isCorrupt(thrown)) {
        if (!isSecond && setAside()) attempt(true);
        return;
      }
      tell(thrown);
      close();
    }
  }

  /** Rows can still be written to a file of which not all can be read. */
  function trySum(query: UsageQuery, isSecond = false): UsageSum[] | undefined {
    try {
      return use().sum(query);
    } catch (thrown) {
      if (isCorrupt(thrown)) return !isSecond && setAside() ? trySum(query, true) : undefined;
      tell(thrown);
      close();
      return undefined;
    }
  }

  return {
    keep(entries) {
      waiting.push(...entries);
      attempt();
      const excess = waiting.length - maxWaiting;
      if (excess > 0) {
        waiting = waiting.slice(excess);
        if (!hasLost) warn(`USAGE_DB: more than ${maxWaiting} messages wait to be kept; the oldest are lost`);
        hasLost = true;
      }
      return waiting.length === 0;
    },
    sum: (query) => trySum(query),
    close() {
      if (waiting.length > 0) attempt();
      close();
      return waiting.length;
    },
  };
}

function isCorrupt(thrown: unknown): boolean {
  if (thrown instanceof ForeignDatabaseError) return false;
  return /^SQLITE_(?:CORRUPT|NOTADB)/.test(readErrorCode(thrown) ?? "");
}

/** Which file is at a path; undefined if none. */
function identify(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}
