import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { summarizeUsage, type UsageChoice } from "../../src/commands/summarize-usage.ts";
import { openDatabase } from "../../src/telemetry/usage/database.ts";
import { entry } from "../support/entries.ts";

const home = mkdtempSync(join(tmpdir(), "usage-"));
const path = join(home, "usage.sqlite");
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Noon, wherever the test runs. */
const now = new Date(2026, 10, 28, 12);
const hour = 3_600_000;

beforeAll(() => {
  const database = openDatabase(path);
  database.write([
    entry({ startedAt: now.getTime() - hour, session: "s1", client: "ann", inputTokens: 1_000_000 }),
    entry({ startedAt: now.getTime() - 2 * hour, session: "=1+1", model: 'a "b", c', costUsd: 12.5 }),
    entry({ startedAt: now.getTime() - 30 * hour, error: "overloaded", status: 529, costUsd: undefined }),
  ]);
  database.close();
});

const choice: UsageChoice = { path, by: "day", since: undefined, format: "text" };
const say = (changes: Partial<UsageChoice>) => summarizeUsage({ ...choice, ...changes }, now);

describe("usage", () => {
  test("is a table with a total, and says which cost is not known", () => {
    expect(say({})).toBe(
      [
        "day         messages  failed      input  cached  output    cost",
        "2026-11-27         1       1      1,000     400      50       ?",
        "2026-11-28         2       0  1,001,000     800     100  $12.51",
        "total              3       1  1,002,000   1,200     150  $12.51",
        "",
        "The cost of one message is not known, and not included",
      ].join("\n"),
    );
  });

  test("lists the dearest first, and those without a name", () => {
    expect(say({ by: "client" }).split("\n").slice(1, 3)).toEqual([
      "(none)         2       1      2,000     800     100   $12.50",
      "ann            1       0  1,000,000     400      50  $0.0100",
    ]);
  });

  test("begins where it should", () => {
    const messages = (since: string) => {
      const { rows } = JSON.parse(say({ since, format: "json", by: "backend" }));
      return rows.length === 0 ? 0 : rows[0].messages;
    };
    const counts = {
      today: 2,
      yesterday: 3,
      "90m": 1,
      "3h": 2,
      "2d": 3,
      "1w": 3,
      "2026-11-28": 2,
      "2026-11-27T23:00": 2,
    };
    for (const [since, count] of Object.entries(counts))
      expect([since, messages(since)]).toEqual([since, count]);
    expect(say({ since: "1m" })).toBe("No messages were recorded in that time");
    for (const since of [
      "",
      "soon",
      "7",
      "28.11.2026",
      "2026-13-45",
      "2026-02-30",
      "2026-06-31T12:00",
      "7y",
      "-1d",
    ])
      expect(() => say({ since })).toThrow("--since");
  });

  test("is JSON in the words of the log", () => {
    expect(JSON.parse(say({ by: "client", format: "json", since: "3h" }))).toEqual({
      by: "client",
      since: new Date(now.getTime() - 3 * hour).toISOString(),
      rows: [
        expect.objectContaining({ client: null, cost_usd: 12.5 }),
        {
          client: "ann",
          messages: 1,
          failed: 0,
          input_tokens: 1_000_000,
          cached_tokens: 400,
          output_tokens: 50,
          cost_usd: 0.01,
          unpriced_messages: 0,
        },
      ],
      total: expect.objectContaining({ messages: 2, cost_usd: 12.51 }),
    });
  });

  test("is CSV that no spreadsheet runs", () => {
    expect(say({ by: "model", format: "csv" }).split("\n")[1]).toStartWith('"a ""b"", c",1,');
    expect(say({ by: "session", format: "csv" })).toContain("\n'=1+1,1,");
  });

  test("says what to do if there is no database, or none that can be read", () => {
    expect(() => say({ path: undefined })).toThrow("set USAGE_DB");
    expect(() => say({ path: join(home, "none") })).toThrow("does not exist");
    mkdirSync(join(home, "directory"));
    expect(() => say({ path: join(home, "directory") })).toThrow("is a directory");
  });
});
