import { expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchFile } from "../../src/commands/watch-file.ts";

test("a file that is replaced is a change, and one that stays the same is none", async () => {
  const directory = mkdtempSync(join(tmpdir(), "watch-"));
  const path = join(directory, "config.toml");
  writeFileSync(path, "one");
  let changes = 0;
  let changed = Promise.withResolvers<void>();
  const stop = watchFile(path, () => {
    changes += 1;
    changed.resolve();
  });
  const replace = (text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  replace("one");
  replace("two");
  await changed.promise;
  changed = Promise.withResolvers();
  replace("three");
  await changed.promise;
  expect(changes).toBe(2);
  stop();
  rmSync(directory, { recursive: true, force: true });
});

test("a directory that is not there is no error", () => {
  expect(watchFile("/nowhere/at/all/config.toml", () => {})).not.toThrow();
});
