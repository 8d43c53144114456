/** Findings as lines for people, or as one line of JSON. */
import { oneLine } from "../../lib/show-plainly.ts";
import type { Finding } from "./finding.ts";

const marks = {
  good: { plain: "ok", sign: "✓", color: 32 },
  bad: { plain: "BAD", sign: "✗", color: 31 },
  unknown: { plain: "?", sign: "?", color: 33 },
} as const satisfies Readonly<Record<Finding["state"], object>>;

/** @param isColored whether the reader is a terminal that shows colors */
export function writeFinding({ topic, state, text, advice }: Finding, isColored: boolean): string {
  const { plain, sign, color } = marks[state];
  const mark = isColored ? `\u001b[${color}m${sign}\u001b[0m` : plain.padEnd(3);
  const indent = " ".repeat((isColored ? 1 : 3) + 1);
  const line = `${mark} ${topic.padEnd(topicWidth)} ${oneLine(text)}`;
  return advice === undefined ? line : `${line}\n${indent}${" ".repeat(topicWidth)} → ${oneLine(advice)}`;
}

const topicWidth = 9;

export function writeSummary(findings: readonly Finding[]): string {
  const count = (state: Finding["state"]) => findings.filter((finding) => finding.state === state).length;
  return `${count("good")} good, ${count("bad")} bad, ${count("unknown")} unknown`;
}

export function writeJsonReport(findings: readonly Finding[]): string {
  return JSON.stringify({ ok: isHealthy(findings), findings });
}

/** Whether nothing is known to be wrong. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== "bad");
}
