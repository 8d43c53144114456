/**
 * Room `telemetry/usage/`: a row for each message, in a SQLite database. Not here: what is shown of it. Everything that
 * waits for the disk runs on a thread of its own, so that no request does.
 *
 * The database itself. Several processes may write to it at once, and one may be killed at any moment: SQLite's log
 * (WAL) keeps what was committed.
 */
import { Database } from "bun:sqlite";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { readErrorCode } from "../../lib/read-error-code.ts";
import type { MessageEntry } from "../entry.ts";
import type { Sums } from "../sums.ts";

/** What rows are summed by. A quarter is 15 minutes, which fit into the hours and days of every time zone. */
export const groupings = ["quarter", "model", "backend", "session", "class", "client"] as const;
type Grouping = (typeof groupings)[number];

export type UsageQuery = {
  readonly by: Grouping;
  /** Unix time, ms. */
  readonly since: number;
  readonly until?: number | undefined;
};

/** What the messages of a group took together. */
export type UsageSum = Sums & {
  /** For a quarter, its Unix time in ms; "" for messages without a name of that kind. */
  readonly key: string;
};

export type UsageDatabase = {
  /** All rows or none. */
  write(entries: readonly MessageEntry[]): void;
  /** Deletes what began before a time; Unix time, ms. */
  prune(before: number): void;
  sum(query: UsageQuery): UsageSum[];
  close(): void;
};

/** A database of another program, or of a version to come. It is left alone. */
export class ForeignDatabaseError extends Error {
  override readonly name = "ForeignDatabaseError";
}

/** "ccpu", in the header of the file. */
const applicationId = 0x63_63_70_75;
const schemaVersion = 1;
/** How long to wait for another process that writes, ms. */
const usualBusyMs = 5000;
/** How soon to try again where SQLite does not wait by itself, ms. */
const tryAgainMs = 5;
export const quarterMs = 15 * 60_000;

/** Column → its value. The order is that of the table. */
const columns = {
  id: ({ id }) => id,
  started_at: ({ startedAt }) => startedAt,
  client: ({ client }) => client ?? null,
  session: ({ session }) => session ?? null,
  class: (entry) => entry.class ?? null,
  asked: ({ asked }) => asked,
  model: ({ model }) => model,
  backend: ({ backend }) => backend,
  stream: ({ stream }) => (stream ? 1 : 0),
  status: ({ status }) => status,
  error: ({ error }) => error ?? null,
  stop_reason: ({ stopReason }) => stopReason ?? null,
  took_ms: ({ tookMs }) => tookMs,
  first_token_ms: ({ firstTokenMs }) => firstTokenMs ?? null,
  input_tokens: ({ inputTokens }) => inputTokens,
  cached_tokens: ({ cachedTokens }) => cachedTokens,
  cache_write_tokens: ({ cacheWriteTokens }) => cacheWriteTokens,
  output_tokens: ({ outputTokens }) => outputTokens,
  reasoning_tokens: ({ reasoningTokens }) => reasoningTokens,
  cost_usd: ({ costUsd }) => costUsd ?? null,
  retries: ({ retries }) => retries,
  healed: ({ healed }) => (healed.length > 0 ? healed.join("; ") : null),
} as const satisfies Readonly<Record<string, (entry: MessageEntry) => string | number | null>>;

/** The first write begins with a lock, so that two processes cannot both make the table. */
const schema = `
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS messages (
    id TEXT NOT NULL, started_at INTEGER NOT NULL, client TEXT, session TEXT, class TEXT, asked TEXT NOT NULL,
    model TEXT NOT NULL, backend TEXT NOT NULL, stream INTEGER NOT NULL, status INTEGER NOT NULL, error TEXT,
    stop_reason TEXT, took_ms INTEGER NOT NULL, first_token_ms INTEGER, input_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL, cost_usd REAL, retries INTEGER NOT NULL, healed TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_started_at ON messages (started_at);
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
  COMMIT;`;

/**
 * Opens the database, and makes it if there is none. Only its owner can read it.
 * @throws SQLiteError, ForeignDatabaseError, or Error of the file system
 */
export function openDatabase(
  path: string,
  mode: "write" | "read" = "write",
  busyMs = usualBusyMs,
): UsageDatabase {
  if (mode === "write" && !existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  }
  const database = new Database(path, mode === "read" ? { readonly: true } : { readwrite: true });
  try {
    database.run(`PRAGMA busy_timeout = ${busyMs}`);
    const isNew = mode === "write" && readNumber(database, "SELECT count(*) FROM sqlite_schema") === 0;
    if (!isNew) checkOrigin(database, path);
    if (mode === "write") {
      startLog(database, busyMs);
      database.run("PRAGMA synchronous = NORMAL");
      database.run(schema);
    }
    return operate(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * With a write-ahead log, readers do not wait for writers. SQLite does not wait for another process that is
 * making the table right now: it fails at once.
 *
 * @throws SQLiteError
 */
function startLog(database: Database, busyMs: number): void {
  const until = performance.now() + busyMs;
  for (;;)
    try {
      database.run("PRAGMA journal_mode = WAL");
      return;
    } catch (thrown) {
      if (readErrorCode(thrown) !== "SQLITE_BUSY" || performance.now() >= until) throw thrown;
      Bun.sleepSync(tryAgainMs);
    }
}

/** @throws ForeignDatabaseError */
function checkOrigin(database: Database, path: string): void {
  if (readNumber(database, "PRAGMA application_id") !== applicationId)
    throw new ForeignDatabaseError(`${path} is a database of another program`);
  if (readNumber(database, "PRAGMA user_version") > schemaVersion)
    throw new ForeignDatabaseError(`${path} was written by a later version`);
}

function readNumber(database: Database, query: string): number {
  const row = database.query<Readonly<Record<string, number>>, []>(query).get();
  return Object.values(row ?? {})[0] ?? 0;
}

type SumRow = Sums & { readonly key: string | number };

function operate(database: Database): UsageDatabase {
  const names = Object.keys(columns);
  const insertion = `INSERT INTO messages (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
  return {
    write(entries) {
      const statement = database.query(insertion);
      database
        .transaction(() => {
          for (const entry of entries) statement.run(...Object.values(columns).map((read) => read(entry)));
        })
        .immediate();
    },
    prune(before) {
      database.query("DELETE FROM messages WHERE started_at < ?").run(before);
    },
    sum({ by, since, until = Number.MAX_SAFE_INTEGER }) {
      const key = by === "quarter" ? `started_at / ${quarterMs} * ${quarterMs}` : `coalesce(${by}, '')`;
      const rows = database
        .query<SumRow, [number, number]>(
          `SELECT ${key} AS key, count(*) AS messages, sum(status >= 400 AND status <> 499) AS failed,
             sum(input_tokens) AS inputTokens, sum(cached_tokens) AS cachedTokens,
             sum(output_tokens) AS outputTokens, coalesce(sum(cost_usd), 0) AS costUsd,
             sum(cost_usd IS NULL AND input_tokens + output_tokens > 0) AS unpriced
           FROM messages WHERE started_at >= ? AND started_at < ? GROUP BY 1 ORDER BY 1`,
        )
        .all(since, until);
      return rows.map((row) => ({ ...row, key: String(row.key) }));
    },
    close: () => database.close(),
  };
}
