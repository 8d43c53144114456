import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../../src/telemetry/log.ts";
import { openDatabase } from "../../../src/telemetry/usage/database.ts";
import { createUsageStore } from "../../../src/telemetry/usage/store.ts";
import { entry } from "../../support/entries.ts";

let home: string;
let path: string;
let lines: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "usage-"));
  path = join(home, "usage.sqlite");
  lines = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const open = () =>
  createUsageStore({ path, days: 90, log: createLog("INFO", (line) => void lines.push(line)) });

describe("a store", () => {
  test("writes everything before it ends", async () => {
    const store = open();
    for (let count = 0; count < 1234; count += 1) store.keep(entry({ id: `req_${count}` }));
    await store.close();
    const database = openDatabase(path, "read");
    expect(database.sum({ by: "model", since: 0 })[0]?.messages).toBe(1234);
    database.close();
    store.keep(entry());
    expect(await store.sum({ by: "model", since: 0 })).toBeUndefined();
    expect(lines).toEqual([]);
  });

  test("sums up what was just given to it", async () => {
    const store = open();
    store.keep(entry());
    expect(await store.sum({ by: "model", since: 0 })).toMatchObject([{ key: "big-model", messages: 1 }]);
    await store.close();
  });

  test("makes no file while there is nothing to keep", async () => {
    await open().close();
    expect(existsSync(path)).toBe(false);
  });

  test("warns in the log if it cannot be written, also of what is lost", async () => {
    mkdirSync(path);
    const store = open();
    store.keep(entry());
    await store.close();
    expect(lines.join("\n")).toContain("USAGE_DB: cannot keep the usage");
    expect(lines.at(-1)).toContain("1 messages were not recorded");
  });
});
