/** `usage`: sums up the rows that a proxy with `USAGE_DB` keeps. */
import { statSync } from "node:fs";
import { describeSystemError } from "../lib/describe-system-error.ts";
import { cutToWidth, showPlainly } from "../lib/show-plainly.ts";
import { addSums, byCost, noSums, type Sums } from "../telemetry/sums.ts";
import { openDatabase, type UsageSum } from "../telemetry/usage/database.ts";
import { CommandError } from "./command-error.ts";
import type { UsageFormat, UsageGrouping } from "./command-table.ts";
import { exits } from "./exit-codes.ts";

export type UsageChoice = {
  /** The database; undefined if none is configured. */
  readonly path: string | undefined;
  readonly by: UsageGrouping;
  /** As the user wrote it. */
  readonly since: string | undefined;
  readonly format: UsageFormat;
};

type Row = Sums & { readonly key: string };

/**
 * The lines to print.
 * @throws Error, worded for the user
 */
export function summarizeUsage({ path, by, since, format }: UsageChoice, now = new Date()): string {
  const begin = since === undefined ? 0 : readSince(since, now);
  const rows = readRows(path, by, begin);
  const total = rows.reduce<Sums>(addSums, noSums);
  switch (format) {
    case "json":
      return JSON.stringify({
        by,
        since: since === undefined ? null : new Date(begin).toISOString(),
        rows: rows.map(({ key, ...sums }) => ({ [by]: key === "" ? null : key, ...nameSums(sums) })),
        total: nameSums(total),
      });
    case "csv":
      return [
        [by, ...Object.keys(nameSums(total))],
        ...rows.map((row) => [row.key, ...Object.values(nameSums(row))]),
      ]
        .map((cells) => cells.map(quoteCell).join(","))
        .join("\n");
    case "text":
      return rows.length === 0
        ? "No messages were recorded in that time"
        : writeTable(by, rows, total).join("\n");
    default:
      return format satisfies never;
  }
}

function readRows(path: string | undefined, by: UsageGrouping, since: number): Row[] {
  if (path === undefined)
    throw new Error("Cannot show the usage: no database is named; set USAGE_DB, for the proxy as well");
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory())
    throw new Error(`Cannot show the usage: ${path} is a directory; USAGE_DB names a file`);
  if (!stat)
    throw new Error(
      `Cannot show the usage: ${path} does not exist; a proxy with USAGE_DB creates it with its first message`,
    );
  try {
    const database = openDatabase(path, "read");
    try {
      const sums = database.sum({ by: by === "day" ? "quarter" : by, since });
      return by === "day" ? joinDays(sums) : sums.toSorted(byCost);
    } finally {
      database.close();
    }
  } catch (error) {
    throw new Error(`Cannot show the usage: ${path} cannot be read: ${describeSystemError(error)}`);
  }
}

/** Days in the time zone of this machine. */
function joinDays(quarters: readonly UsageSum[]): Row[] {
  const days = new Map<string, Sums>();
  for (const { key, ...sums } of quarters) {
    const day = writeDay(new Date(Number(key)));
    days.set(day, addSums(days.get(day) ?? noSums, sums));
  }
  return [...days].map(([key, sums]) => ({ key, ...sums }));
}

function writeDay(date: Date): string {
  const parts = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return [date.getFullYear(), ...parts].join("-");
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** @throws CommandError */
function readSince(text: string, now: Date): number {
  const word = text.trim().toLowerCase();
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (word === "today") return midnight;
  if (word === "yesterday") return new Date(midnight - units.h * 12).setHours(0, 0, 0, 0);
  const [, count, unit] = /^(\d{1,5})\s*([mhdw])$/.exec(word) ?? [];
  for (const [name, length] of Object.entries(units))
    if (name === unit) return now.getTime() - Number(count) * length;
  // A date without a time would be read as UTC.
  const at = Date.parse(/^\d{4}-\d\d-\d\d$/.test(word) ? `${word}T00:00` : text);
  if (/^\d{4}-\d\d/.test(word) && !Number.isNaN(at) && isInCalendar(word)) return at;
  throw new CommandError(
    `Cannot show the usage: --since ${text} is not a time; write today, 24h, 7d or a date such as 2026-11-28`,
    exits.usage,
  );
}

/** Whether a month has the day that a text begins with: JavaScript takes 31 February for 3 March. */
function isInCalendar(text: string): boolean {
  const [year = 0, month = 1, day = 1] = text.slice(0, 10).split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

/** In the words of the log. Costs are rounded to what can be said about them. */
function nameSums(sums: Sums) {
  return {
    messages: sums.messages,
    failed: sums.failed,
    input_tokens: sums.inputTokens,
    cached_tokens: sums.cachedTokens,
    output_tokens: sums.outputTokens,
    cost_usd: Number(sums.costUsd.toFixed(6)),
    unpriced_messages: sums.unpriced,
  };
}

/** RFC 4180. What a spreadsheet would take for a formula is quoted as text: sessions and models are named by clients. */
function quoteCell(cell: string | number): string {
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Columns of the terminal for a name that a client has chosen. The other formats have all of it. */
const maxName = 60;

function writeTable(by: UsageGrouping, rows: readonly Row[], total: Sums): string[] {
  const heads = [by, "messages", "failed", "input", "cached", "output", "cost"];
  const cells = rows.map((row) => [
    row.key === "" ? "(none)" : cutToWidth(showPlainly(row.key), maxName),
    ...writeSums(row),
  ]);
  const sums = rows.length > 1 ? [["total", ...writeSums(total)]] : [];
  const all = [heads, ...cells, ...sums];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => Bun.stringWidth(row[column] ?? ""))));
  const lines = all.map((row) =>
    row
      .map((cell, column) => {
        const gap = " ".repeat((widths[column] ?? 0) - Bun.stringWidth(cell));
        return column === 0 ? cell + gap : gap + cell;
      })
      .join("  "),
  );
  if (total.unpriced > 0) {
    const which = total.unpriced === 1 ? "one message" : `${total.unpriced.toLocaleString("en")} messages`;
    lines.push("", `The cost of ${which} is not known, and not included`);
  }
  return lines;
}

function writeSums(sums: Sums): string[] {
  const { messages, failed, inputTokens, cachedTokens, outputTokens, costUsd, unpriced } = sums;
  const counts = [messages, failed, inputTokens, cachedTokens, outputTokens];
  const isUnknown = costUsd === 0 && unpriced > 0;
  const cost = isUnknown ? "?" : `$${costUsd.toFixed(costUsd > 0 && costUsd < 1 ? 4 : 2)}`;
  return [...counts.map((count) => count.toLocaleString("en")), cost];
}
