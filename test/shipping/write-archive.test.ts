import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, asyncProperty, stringMatching, uint8Array, uniqueArray } from "fast-check";
import type { ArchiveFile } from "../../scripts/shipping/archive-file.ts";
import { writeArchive } from "../../scripts/shipping/write-archive.ts";

const file = (path: string, text: string): ArchiveFile => ({
  path,
  contents: new TextEncoder().encode(text),
});

const files: readonly ArchiveFile[] = [
  { ...file("program", "#!/bin/sh\necho runs\n"), executable: true },
  file("completions/program.fish", "x".repeat(1000)),
  file("EMPTY", ""),
];

/** Runs a system tool on the archive, in a directory of its own. */
function extract(name: string, words: readonly string[], look: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "archive-"));
  try {
    writeFileSync(join(directory, name), writeArchive(name, files));
    expect(Bun.spawnSync([...words, name], { cwd: directory }).exitCode).toBe(0);
    look(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function expectFiles(directory: string): void {
  for (const { path, contents } of files)
    expect(readFileSync(join(directory, path))).toEqual(Buffer.from(contents));
  if (process.platform !== "win32") expect(statSync(join(directory, "program")).mode & 0o777).toBe(0o755);
}

describe("archives", () => {
  test("tar reads our archives", () => extract("a.tar.gz", ["tar", "-xzf"], expectFiles));

  test.skipIf(!Bun.which("unzip"))("unzip reads our archives", () =>
    extract("a.zip", ["unzip", "-q"], expectFiles),
  );

  test.each(["a.tar.gz", "a.zip"])("%s is the same for the same files in any order", (name) => {
    expect(writeArchive(name, files)).toEqual(writeArchive(name, files.toReversed()));
  });

  test("the bytes have not changed since this test was written", () => {
    const digests = ["a.tar.gz", "a.zip"].map((name) =>
      new Bun.CryptoHasher("sha256").update(writeArchive(name, files)).digest("hex"),
    );
    expect(digests).toEqual([
      "4308d4b20448faab332c714d5916434b00d7209816503264fd9e67c26758d859",
      "71e41c698fe09eb0341301ef64bcb417eb564571710c9ddd2816c37d1ef44dbf",
    ]);
  });

  test("any bytes come back out of a tar archive", async () => {
    const path = stringMatching(/^[a-z]{1,20}(\/[A-Z]{1,20}){0,3}\.x$/);
    const contents = uint8Array({ maxLength: 2000 }).map((bytes) => new Uint8Array(bytes));
    const anyFiles = uniqueArray(path, { maxLength: 5 }).chain((paths) =>
      contents.map((bytes) => paths.map((each) => ({ path: each, contents: bytes }))),
    );
    await assert(
      asyncProperty(anyFiles, async (given) => {
        const read = await new Bun.Archive(writeArchive("a.tar.gz", given)).files();
        expect([...read.keys()].sort()).toEqual(given.map(({ path }) => path).sort());
        for (const { path, contents } of given) expect(await read.get(path)?.bytes()).toEqual(contents);
      }),
    );
  });

  test("a path that does not fit is refused, not cut", () => {
    expect(() => writeArchive("a.tar.gz", [file("x".repeat(101), "")])).toThrow("too long");
  });
});
