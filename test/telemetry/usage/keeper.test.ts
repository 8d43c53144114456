import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../../src/telemetry/usage/database.ts";
import { createKeeper, maxWaiting } from "../../../src/telemetry/usage/keeper.ts";
import { entry } from "../../support/entries.ts";

let home: string;
let path: string;
let warnings: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "usage-"));
  path = join(home, "usage.sqlite");
  warnings = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const warn = (words: string) => void warnings.push(words);
const day = 24 * 60 * 60_000;
const count = () => {
  const database = openDatabase(path, "read");
  const sums = database.sum({ by: "model", since: 0 });
  database.close();
  return sums.reduce((sum, { messages }) => sum + messages, 0);
};

describe("a keeper", () => {
  test("writes rows, and deletes those that are old", () => {
    const now = Date.now();
    const keeper = createKeeper({ path, days: 2, warn, now: () => now });
    expect(keeper.keep([entry({ startedAt: now - 3 * day }), entry({ startedAt: now - day })])).toBe(true);
    expect(count()).toBe(2);
    keeper.close();
    const later = createKeeper({ path, days: 2, warn, now: () => now });
    later.keep([]);
    expect(count()).toBe(1);
    expect(later.close()).toBe(0);
    expect(warnings).toEqual([]);
  });

  test("sets a corrupt file aside, with a warning, and goes on", () => {
    const garbage = "not a database ".repeat(1000);
    writeFileSync(path, garbage);
    const keeper = createKeeper({ path, days: 2, warn });
    expect(keeper.keep([entry()])).toBe(true);
    keeper.close();
    expect(count()).toBe(1);
    const [aside = ""] = readdirSync(home).filter((name) => name.includes(".corrupt-"));
    expect(readFileSync(join(home, aside), "utf8")).toBe(garbage);
    expect(warnings).toEqual([expect.stringContaining(aside)]);
  });

  test("follows a link to a corrupt file, and leaves the link", () => {
    const real = join(home, "real.db");
    writeFileSync(real, "not a database ".repeat(1000));
    symlinkSync(real, path);
    const keeper = createKeeper({ path, days: 2, warn });
    expect(keeper.keep([entry()])).toBe(true);
    keeper.close();
    expect(count()).toBe(1);
    expect(readlinkSync(path)).toBe(real);
    expect(readdirSync(home).some((name) => name.startsWith("real.db.corrupt-"))).toBe(true);
  });

  test("sets a file aside that becomes corrupt in use, and loses no row that waits", () => {
    const keeper = createKeeper({ path, days: 2, warn });
    keeper.keep(Array.from({ length: 500 }, () => entry()));
    keeper.close();
    const bytes = readFileSync(path);
    bytes.fill(0x55, 4096);
    writeFileSync(path, bytes);
    const second = createKeeper({ path, days: 2, warn });
    expect(second.keep([entry({ id: "req_2" })])).toBe(true);
    second.close();
    expect(count()).toBe(1);
    expect(readdirSync(home).some((name) => name.includes(".corrupt-"))).toBe(true);
  });

  test("sets a file aside that takes rows but cannot be summed up", () => {
    const keeper = createKeeper({ path, days: 2, warn });
    keeper.keep(Array.from({ length: 500 }, () => entry()));
    keeper.close();
    const bytes = readFileSync(path);
    bytes.fill(0, 4 * 4096, 5 * 4096);
    writeFileSync(path, bytes);
    const second = createKeeper({ path, days: 2, warn });
    expect(second.keep([entry()])).toBe(true);
    expect(warnings).toEqual([]);
    expect(second.sum({ by: "model", since: 0 })).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("is corrupt; it was set aside")]);
    second.close();
  });

  test("begins a new file if its own is removed or replaced", () => {
    const keeper = createKeeper({ path, days: 2, warn });
    keeper.keep([entry()]);
    for (const name of readdirSync(home)) rmSync(join(home, name));
    expect(keeper.keep([entry()])).toBe(true);
    expect(count()).toBe(1);
    expect(warnings).toEqual([expect.stringContaining("was removed or replaced")]);
    keeper.close();
  });

  test("waits while the file cannot be written, says so once, and then writes everything", () => {
    const faults = ["SQLITE_FULL", "SQLITE_FULL", "SQLITE_BUSY"];
    const failing = (file: string) => {
      const database = openDatabase(file);
      return {
        ...database,
        write(entries: Parameters<typeof database.write>[0]) {
          const code = faults.shift();
          if (code !== undefined) throw Object.assign(new Error(`fault ${code}`), { code });
          database.write(entries);
        },
      };
    };
    const keeper = createKeeper({ path, days: 2, warn, open: failing });
    expect(["a", "b", "c", "d"].map((id) => keeper.keep([entry({ id })]))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain("requests go on without it: fault SQLITE_FULL");
    expect(count()).toBe(4);
    keeper.close();
  });

  test("waits for another program that has locked the file", () => {
    const keeper = createKeeper({ path, days: 2, warn, open: (file) => openDatabase(file, "write", 10) });
    keeper.keep([entry()]);
    const other = new Database(path);
    other.run("BEGIN EXCLUSIVE");
    expect(keeper.keep([entry()])).toBe(false);
    expect(warnings).toEqual([expect.stringContaining("database is locked")]);
    other.run("COMMIT");
    expect(keeper.keep([])).toBe(true);
    expect(count()).toBe(2);
    keeper.close();
  });

  test("loses the oldest rows when too many wait, and says so once", () => {
    mkdirSync(path);
    const keeper = createKeeper({ path, days: 2, warn });
    const many = Array.from({ length: maxWaiting }, () => entry());
    for (let times = 0; times < 3; times += 1) expect(keeper.keep(many)).toBe(false);
    expect(warnings.filter((words) => words.includes("the oldest are lost"))).toHaveLength(1);
    expect(keeper.sum({ by: "model", since: 0 })).toBeUndefined();
    expect(keeper.close()).toBe(maxWaiting);
  });

  test("leaves another program's database as it is", () => {
    const foreign = new Database(path);
    foreign.run("CREATE TABLE notes (a)");
    foreign.close();
    const before = readFileSync(path);
    const keeper = createKeeper({ path, days: 2, warn });
    expect(keeper.keep([entry()])).toBe(false);
    expect(keeper.keep([entry()])).toBe(false);
    expect(warnings).toEqual([expect.stringContaining("another program")]);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(home)).toEqual(["usage.sqlite"]);
  });
});
