import { expect, test } from "bun:test";
import { bad, good, unknown } from "../../../src/commands/doctor/finding.ts";
import {
  isHealthy,
  writeFinding,
  writeJsonReport,
  writeSummary,
} from "../../../src/commands/doctor/write-findings.ts";

const findings = [good("a", "fine"), bad("b", "broken", "repair it"), unknown("c", "who knows")];

test("a finding is a line, and its advice another", () => {
  expect(findings.map((finding) => writeFinding(finding, false))).toEqual([
    "ok  a         fine",
    "BAD b         broken\n              → repair it",
    "?   c         who knows",
  ]);
  expect(writeFinding(findings[0] ?? good("", ""), true)).toBe("\u001b[32m✓\u001b[0m a         fine");
});

test("words of servers cannot steer the terminal", () => {
  expect(writeFinding(good("a", "x\u001b[2J\ny"), true)).toEndWith("x [2J y");
});

test("one bad finding makes the whole bad", () => {
  expect(isHealthy(findings)).toBe(false);
  expect(isHealthy([good("a", "b"), unknown("c", "d")])).toBe(true);
  expect(JSON.parse(writeJsonReport(findings))).toEqual({ ok: false, findings });
  expect(writeSummary(findings)).toBe("1 good, 1 bad, 1 unknown");
});
