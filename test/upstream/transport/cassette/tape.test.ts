import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkDirectory, readTape, writeTape } from "../../../../src/upstream/transport/cassette/tape.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tape-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const question = { method: "POST" as const, endpoint: "completions", model: "m", conversation: ["user: Hi"] };
const take = { status: 200, headers: {}, body: [[0, "Hello"] satisfies [number, string]] };

test("a tape is read as it was written, and its directory is made", () => {
  const inner = join(directory, "a/b");
  writeTape(inner, "name", { question, takes: [take] });
  expect(readTape(inner, "name")).toEqual({ version: 1, question, takes: [take] });
  expect(readdirSync(inner)).toEqual(["name.json"]);
});

test("a missing, damaged or unknown file is no tape", () => {
  const write = (name: string, content: unknown) =>
    writeFileSync(
      join(directory, `${name}.json`),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  write("cut", '{"version":1');
  write("newer", { version: 2, question, takes: [take] });
  write("empty", { version: 1, question, takes: [] });
  for (const name of ["missing", "cut", "newer", "empty"]) expect(readTape(directory, name)).toBeUndefined();
});

test("a tape that cannot be written leaves nothing behind", () => {
  mkdirSync(join(directory, "busy.json"));
  expect(() => writeTape(directory, "busy", { question, takes: [take] })).toThrow();
  expect(readdirSync(directory)).toEqual(["busy.json"]);
});

describe("checkDirectory", () => {
  test("makes the directory to record into, and only then", () => {
    const path = join(directory, "new");
    expect(() => checkDirectory(path, "replay")).toThrow(
      `Cannot use ${path} for --replay: no such file or directory; record it`,
    );
    checkDirectory(path, "record");
    expect(readdirSync(path)).toEqual([]);
  });

  test("refuses to replay a directory without a recording", () => {
    writeFileSync(join(directory, "package.json"), "{}");
    const refusal = `Cannot use ${directory} for --replay: it has no recorded answers; record it with --record first`;
    expect(() => checkDirectory(directory, "replay")).toThrow(refusal);
    writeTape(directory, "0123456789abcdef0123", { question, takes: [take] });
    checkDirectory(directory, "replay");
  });

  test("refuses a file", () => {
    const path = join(directory, "file");
    writeFileSync(path, "");
    for (const mode of ["record", "replay"] as const)
      expect(() => checkDirectory(path, mode)).toThrow(`Cannot use ${path} for --${mode}: not a directory;`);
  });
});
