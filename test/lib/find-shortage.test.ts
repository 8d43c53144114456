import { describe, expect, test } from "bun:test";
import { findShortage, isShortage } from "../../src/lib/find-shortage.ts";
import { runOutOfFiles } from "../support/out-of-files.ts";

const refusal = {
  kind: "overloaded",
  message: expect.stringContaining("as many files and connections open as the system allows"),
  retryAfter: 1,
};

test("a shortage is an error of the process or of the system", () => {
  const error = (code: string) => Object.assign(new Error("open"), { code });
  expect(["EMFILE", "ENFILE", "ENOENT"].filter((code) => isShortage(error(code)))).toEqual([
    "EMFILE",
    "ENFILE",
  ]);
  expect(isShortage(new Error('EMFILE reading "messages.ts"'))).toBe(true);
  expect(isShortage(new Error("A message about EMFILE"))).toBe(false);
  expect(isShortage(undefined)).toBe(false);
});

test("a process that may open files has none", () => {
  expect(findShortage(3)).toBeUndefined();
});

describe.skipIf(process.platform === "win32")("in a process that may open no more files", () => {
  test("a request to a backend says so, whatever Bun takes it for, and the next one is sent", async () => {
    expect(await runOutOfFiles("send")).toEqual({ without: [refusal, refusal, refusal], after: "yes" });
  });

  test("a recorded answer is not taken for a missing one", async () => {
    expect(await runOutOfFiles("replay")).toEqual(refusal);
  });

  test("a PDF is refused, and the process lives on", async () => {
    expect(await runOutOfFiles("readPdf")).toEqual(refusal);
  });

  test("usage waits until there is a thread for it", async () => {
    expect(await runOutOfFiles("keepUsage")).toEqual({
      without: "nothing",
      messages: 1,
      lines: [expect.stringContaining("USAGE_DB: messages wait to be recorded")],
    });
  });
});
