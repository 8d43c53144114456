import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  ForeignDatabaseError,
  type groupings,
  openDatabase,
  quarterMs,
} from "../../../src/telemetry/usage/database.ts";
import { entry } from "../../support/entries.ts";

let home: string;
let path: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "usage-"));
  path = join(home, "made", "usage.sqlite");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = Date.UTC(2026, 10, 28, 12);

describe("the database of the usage", () => {
  test("is made where it is missing, for its owner alone", () => {
    openDatabase(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("sums up what was written, by each of its names", () => {
    const database = openDatabase(path);
    database.write([
      entry({ startedAt: at, session: "s1", client: "ann", class: "main" }),
      entry({ startedAt: at + 1, session: "s2", status: 529, error: "overloaded", costUsd: undefined }),
      entry({ startedAt: at + quarterMs, session: "s1", status: 499, model: "small" }),
    ]);
    const sums = (by: (typeof groupings)[number], since = 0) =>
      database.sum({ by, since }).map(({ key, messages }) => [key, messages]);
    expect(sums("quarter")).toEqual([
      [String(at), 2],
      [String(at + quarterMs), 1],
    ]);
    expect(sums("session")).toEqual([
      ["s1", 2],
      ["s2", 1],
    ]);
    expect(sums("client")).toEqual([
      ["", 2],
      ["ann", 1],
    ]);
    expect(sums("model", at + 1)).toEqual([
      ["big-model", 1],
      ["small", 1],
    ]);
    expect(database.sum({ by: "backend", since: 0 })).toEqual([
      {
        key: "host:1",
        messages: 3,
        failed: 1,
        inputTokens: 3000,
        cachedTokens: 1200,
        outputTokens: 150,
        costUsd: 0.02,
        unpriced: 1,
      },
    ]);
    expect(database.sum({ by: "model", since: 0, until: at })).toEqual([]);
    database.prune(at + quarterMs);
    expect(sums("model")).toEqual([["small", 1]]);
    database.close();
  });

  test("can be read while it is written to, and keeps content out", () => {
    const writer = openDatabase(path);
    writer.write([entry()]);
    const reader = openDatabase(path, "read");
    writer.write([entry()]);
    expect(reader.sum({ by: "model", since: 0 })[0]?.messages).toBe(2);
    for (const database of [reader, writer]) database.close();
    const columns = new Database(path).query<{ name: string }, []>("PRAGMA table_info(messages)").all();
    expect(
      columns.map(({ name }) => name).filter((name) => /prompt|content|text|key|header|body/.test(name)),
    ).toEqual([]);
  });

  test("is left alone if another program has made it, or a later version", () => {
    const foreign = join(home, "other.sqlite");
    new Database(foreign).run("CREATE TABLE messages (a)");
    expect(() => openDatabase(foreign)).toThrow(ForeignDatabaseError);
    openDatabase(path).close();
    new Database(path).run("PRAGMA user_version = 99");
    expect(() => openDatabase(path)).toThrow("later version");
    expect(() => openDatabase(path, "read")).toThrow("later version");
  });

  test("is waited for while another process makes its table", async () => {
    mkdirSync(dirname(path));
    const code = `
      const { Database } = await import("bun:sqlite");
      const database = new Database(${JSON.stringify(path)}, { create: true });
      database.run("BEGIN IMMEDIATE");
      console.log("begun");
      await Bun.sleep(100);
      database.run("COMMIT");
      database.close();`;
    const other = Bun.spawn([process.execPath, "-e", code], { stdout: "pipe" });
    await other.stdout.getReader().read();
    const database = openDatabase(path);
    database.write([entry()]);
    database.close();
    expect(await other.exited).toBe(0);
  });

  test("can be read after a writer was killed, with whole batches only", async () => {
    const source = join(import.meta.dir, "../../../src/telemetry/usage/database.ts");
    const code = `
      const { openDatabase } = await import(${JSON.stringify(source)});
      const database = openDatabase(${JSON.stringify(path)});
      const batch = Array.from({ length: 100 }, () => (${JSON.stringify(entry())}));
      for (let written = 0; ; written += 1) {
        database.write(batch);
        if (written === 3) console.log("going");
      }`;
    const writer = Bun.spawn([process.execPath, "-e", code], { stdout: "pipe" });
    await writer.stdout.getReader().read();
    writer.kill("SIGKILL");
    await writer.exited;
    const database = openDatabase(path);
    const [sum] = database.sum({ by: "model", since: 0 });
    expect(sum?.messages).toBeGreaterThanOrEqual(400);
    expect((sum?.messages ?? 1) % 100).toBe(0);
    database.write([entry()]);
    database.close();
    expect(new Database(path).query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  });
});
