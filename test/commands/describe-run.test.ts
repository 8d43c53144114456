import { expect, test } from "bun:test";
import { describeRun } from "../../src/commands/describe-run.ts";
import { noSums } from "../../src/telemetry/sums.ts";

const used = { ...noSums, inputTokens: 34_120, cachedTokens: 4120, outputTokens: 512 };
const place = {
  logFile: "/home/ann/.local/state/claude-code-proxy/run.log",
  home: "/home/ann",
  diversions: [],
};

function describe(cost: number | undefined, failed: number): string {
  const price = cost === undefined ? { unpriced: 1 } : { costUsd: cost };
  return describeRun({ totals: { ...used, ...price, messages: 1 + failed, failed }, ...place });
}

test("one line says what was used, what it cost if that is known, and where the log is", () => {
  expect(describe(undefined, 0)).toBe(
    "claude-code-proxy: 1 request, 34,120 tokens in (4,120 cached), 512 out; log: ~/.local/state/claude-code-proxy/run.log",
  );
  expect(describe(0.0123, 2)).toContain(
    "3 requests, 34,120 tokens in (4,120 cached), 512 out, $0.0123, 2 failed; ",
  );
});

test("a run without a request says so, and why if that is known", () => {
  const totals = noSums;
  expect(describeRun({ totals, ...place })).toContain(
    "no request came; that is usual if nothing was asked; log: ",
  );
  expect(
    describeRun({ totals, ...place, diversions: ["/h/settings.json sets ANTHROPIC_BASE_URL"] }),
  ).toContain(
    "no request came; /h/settings.json sets ANTHROPIC_BASE_URL, which sends Claude Code elsewhere; log: ",
  );
});
