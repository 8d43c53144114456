import { describe, expect, test } from "bun:test";
import { steady } from "../../../../src/upstream/transport/cassette/steady-text.ts";

describe("a text stays the same with another", () => {
  test.each([
    ["date", "It is 2026-01-02", "It is 2031-12-31T10:11:12.5Z"],
    ["time", "at 10:11:12", "at 22:00:01.250"],
    ["day", "today, Mon Nov 23 03:12:51 UTC 2026", "today, Tue Dec  1 10:00:00 PM CET 2027"],
    ["day in words", "It is Monday, November 23, 2026", "It is Sunday, 2 May 2027"],
    ["date of a mail", "Mon, 23 Nov 2026 03:12:51 +0000", "1 Jan 2027 10:12:51 -0100"],
    ["duration", "ran 3 tests in 0.34s", "ran 3 tests in 12 ms"],
    ["duration of `time`", "real\t0m0.123s", "real\t1m10.5s"],
    ["port", "listens on http://127.0.0.1:43121/", "listens on http://127.0.0.1:8080/"],
    ["commit", "[main 3f2a1bc] fix", "[main 99a0b1c2d] fix"],
    [
      "checkout",
      "total 12\ndrwxr-xr-x 2 root root 4096 Nov 23 03:12 .\n-rw-r--r-- 1 root root    9 Nov 23 03:12 a.txt",
      "total 8\ndrwxrwxr-x+ 11 me staff 80 Jan  1  2025 .\n-rw-rw-r-- 1 me staff 9 Feb  2 13:12 a.txt",
    ],
    ["UUID", "a 0b5e2f1c-9d1e-4c1b-8f7a-0123456789ab", "a 99999999-9999-4999-8999-999999999999"],
    ["key", "use sk-or-abcdef123456", "use sk-or-zyxwvu654321"],
    ["reminder", "<system-reminder>one</system-reminder>Go on", "Go on"],
    ["spacing", "a  b\n\n  c ", "a b\nc"],
  ])("%s", (_, one, other) => {
    expect(steady(one)).toBe(steady(other));
  });
});

describe("a text differs with another", () => {
  test.each([
    ["number", "It took 12 attempts", "It took 13 attempts"],
    [
      "file size",
      "-rw-r--r-- 1 root root 9 Nov 23 03:12 a.txt",
      "-rw-r--r-- 1 root root 8 Nov 23 03:12 a.txt",
    ],
    ["address", "http://127.0.0.1:80/", "http://10.0.0.1:80/"],
    ["word of hexadecimal letters", "a facade of", "a decade of"],
  ])("%s", (_, one, other) => {
    expect(steady(one)).not.toBe(steady(other));
  });
});

test("what changes is replaced by its kind", () => {
  expect(steady("Started 2026-01-02T10:11:12Z on Monday, took 0.34s at 127.0.0.1:8080, see 3f2a1bc")).toBe(
    "Started DATE on DAY, took DURATION at 127.0.0.1:PORT, see HASH",
  );
});
