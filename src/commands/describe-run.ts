/** The line that `run` prints when its command has ended. */
import type { Sums } from "../telemetry/sums.ts";

type RunFacts = {
  readonly totals: Sums;
  /** The file with the log, if there is one. */
  readonly logFile: string | undefined;
  readonly home: string | undefined;
  /** What may have sent the command elsewhere, as sentences. */
  readonly diversions: readonly string[];
};

const number = new Intl.NumberFormat("en");

/** What the run used and where its log is, as one line. */
export function describeRun({ totals, logFile, home, diversions }: RunFacts): string {
  const { messages, failed, inputTokens, cachedTokens, outputTokens, costUsd, unpriced } = totals;
  const log = logFile === undefined ? "" : `; log: ${shorten(logFile, home)}`;
  if (messages === 0) return `claude-code-proxy: no request came; ${explainSilence(diversions)}${log}`;
  const isCostKnown = costUsd > 0 || (unpriced === 0 && inputTokens + outputTokens > 0);
  const parts = [
    messages === 1 ? "1 request" : `${number.format(messages)} requests`,
    `${number.format(inputTokens)} tokens in${cachedTokens > 0 ? ` (${number.format(cachedTokens)} cached)` : ""}`,
    `${number.format(outputTokens)} out`,
    ...(isCostKnown ? [`$${costUsd.toFixed(costUsd < 0.1 ? 4 : 2)}`] : []),
    ...(failed > 0 ? [`${number.format(failed)} failed`] : []),
  ];
  return `claude-code-proxy: ${parts.join(", ")}${log}`;
}

/** Why a command may have sent no request. */
export function explainSilence(diversions: readonly string[]): string {
  return diversions.length > 0
    ? `${diversions.join(", and ")}, which sends Claude Code elsewhere`
    : "that is usual if nothing was asked";
}

function shorten(path: string, home: string | undefined): string {
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
