/** What a terminal shows of a state: lines that fit. */

import { cutToWidth, showPlainly } from "../../lib/show-plainly.ts";
import {
  findMedian,
  formatCost,
  formatCount,
  formatDuration,
  formatShare,
  formatTokens,
  tokenRate,
} from "../../page/browser/format.ts";
import type { PageState } from "../../page/page-state.ts";

export type Screen = {
  /** Characters in a line. */
  readonly columns: number;
  /** Lines; undefined if there is no end. */
  readonly rows: number | undefined;
  readonly isColored: boolean;
};

type Style = "bold" | "dim" | "red" | "green" | "yellow";

const codes: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

type Cell = { readonly text: string; readonly style?: Style | undefined };

type Column<Row> = {
  readonly name: string;
  readonly isNumber?: true;
  /** The first to go when a line is too short is the one with the highest number; without one, it stays. */
  readonly drop?: number;
  readonly cell: (row: Row) => Cell;
};

type Ended = PageState["recent"][number];
type Live = PageState["live"][number];

/** @param about where the proxy is, and whether it still answers */
export function drawScreen(state: PageState, about: string, screen: Screen): string[] {
  const { live, recent, errors } = state;
  const paint = painter(screen.isColored);
  const top = [
    `${paint("claude-code-proxy", "bold")} ${paint(state.version)}  ${about}  up ${formatDuration(state.now - state.startedAt)}`,
    describeToday(state),
    "",
  ];
  const left = (lines: readonly string[]) =>
    screen.rows === undefined ? Number.POSITIVE_INFINITY : Math.max(0, screen.rows - lines.length);
  const lines = [...top, paint("In flight", "bold")];
  // The last requests get at least half of what is left.
  const maxLive = Math.max(1, Math.floor((left(lines) - 4) / 2));
  if (live.length === 0) lines.push(paint("  none", "dim"));
  else lines.push(...tabulate(liveColumns(state.now), live.slice(0, maxLive), screen));
  if (live.length > maxLive) lines.push(paint(`  and ${formatCount(live.length - maxLive)} more`, "dim"));
  if (errors.length > 0) {
    lines.push("", paint("Errors", "bold"));
    for (const { count, error, status, model, backend, advice } of errors.slice(0, 3))
      lines.push(
        `  ${paint(`${formatCount(count)} × ${error} (${status})`, "red")} ${paint(`${cutName(model)} @ ${cutName(backend)}`)}  ${paint(advice, "dim")}`,
      );
  }
  lines.push("", paint("Last requests", "bold"));
  const maxRecent = Math.max(1, left(lines) - 1);
  if (recent.length === 0) lines.push(paint("  none", "dim"));
  else lines.push(...tabulate(endedColumns, recent.slice(0, maxRecent), screen));
  return lines.slice(0, screen.rows).map((line) => fit(line, screen));
}

function describeToday({ live, today, recent }: PageState): string {
  const waiting = live.filter(({ firstTokenMs }) => firstTokenMs === undefined).length;
  const { messages, failed, inputTokens, cachedTokens, outputTokens, costUsd, unpriced } = today;
  return [
    `${formatCount(live.length)} in flight${waiting > 0 ? ` (${formatCount(waiting)} wait)` : ""}`,
    `today ${formatCount(messages)} ${messages === 1 ? "request" : "requests"}, ${formatCount(failed)} failed`,
    `${formatTokens(inputTokens)} → ${formatTokens(outputTokens)} tokens, ${formatShare(cachedTokens, inputTokens)} cached`,
    `cost ${costUsd === 0 && unpriced > 0 ? "unknown" : formatCost(costUsd)}`,
    `first token ${formatDuration(findMedian(recent.flatMap(({ firstTokenMs }) => firstTokenMs ?? [])))}`,
  ].join(" · ");
}

const liveColumns = (now: number): readonly Column<Live>[] => [
  {
    name: "for",
    isNumber: true,
    cell: ({ startedAt }) => ({ text: formatDuration(Math.max(0, now - startedAt)) }),
  },
  { name: "asked", cell: ({ asked }) => ({ text: asked }) },
  { name: "model", drop: 2, cell: ({ model }) => ({ text: model }) },
  { name: "backend", drop: 5, cell: ({ backend }) => ({ text: backend, style: "dim" }) },
  {
    name: "state",
    cell: ({ firstTokenMs, chunks }) =>
      firstTokenMs === undefined
        ? { text: "waits", style: "yellow" }
        : { text: `answers (${formatCount(chunks)})`, style: "green" },
  },
  {
    name: "first",
    isNumber: true,
    drop: 1,
    cell: ({ firstTokenMs }) => ({ text: formatDuration(firstTokenMs) }),
  },
  { name: "class", drop: 4, cell: (message) => ({ text: message.class ?? "" }) },
  { name: "client", drop: 3, cell: ({ client }) => ({ text: client ?? "" }) },
];

const endedColumns: readonly Column<Ended>[] = [
  { name: "ended", cell: ({ startedAt, tookMs }) => ({ text: writeTime(startedAt + tookMs) }) },
  { name: "status", cell: describeStatus },
  { name: "asked", cell: ({ asked }) => ({ text: asked }) },
  { name: "model", drop: 4, cell: ({ model }) => ({ text: model }) },
  { name: "backend", drop: 10, cell: ({ backend }) => ({ text: backend, style: "dim" }) },
  { name: "class", drop: 9, cell: (message) => ({ text: message.class ?? "" }) },
  { name: "client", drop: 6, cell: ({ client }) => ({ text: client ?? "" }) },
  {
    name: "tokens",
    isNumber: true,
    cell: ({ inputTokens, outputTokens }) => ({
      text: `${formatTokens(inputTokens)}→${formatTokens(outputTokens)}`,
    }),
  },
  {
    name: "cached",
    isNumber: true,
    drop: 5,
    cell: ({ cachedTokens, inputTokens }) => ({ text: formatShare(cachedTokens, inputTokens) }),
  },
  {
    name: "first",
    isNumber: true,
    drop: 2,
    cell: ({ firstTokenMs }) => ({ text: formatDuration(firstTokenMs) }),
  },
  { name: "speed", isNumber: true, drop: 7, cell: describeSpeed },
  { name: "took", isNumber: true, drop: 1, cell: ({ tookMs }) => ({ text: formatDuration(tookMs) }) },
  { name: "cost", isNumber: true, drop: 3, cell: ({ costUsd }) => ({ text: formatCost(costUsd) }) },
  { name: "repairs", drop: 8, cell: describeRepairs },
];

function describeStatus({ status, error }: Ended): Cell {
  if (status === 499) return { text: "left", style: "yellow" };
  return error === undefined
    ? { text: `${status}`, style: "green" }
    : { text: `${status} ${error}`, style: "red" };
}

function describeSpeed({ outputTokens, tookMs, firstTokenMs }: Ended): Cell {
  const rate = tokenRate(outputTokens, tookMs, firstTokenMs);
  return { text: rate === undefined ? "–" : `${Math.round(rate)}/s` };
}

function describeRepairs({ retries, healed }: Ended): Cell {
  const words = [
    ...(retries > 0 ? [`${retries} retried`] : []),
    ...(healed.length > 0 ? [`${healed.length} healed`] : []),
  ];
  return { text: words.join(", "), style: "yellow" };
}

/** In the time zone of the terminal. */
function writeTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function tabulate<Row>(columns: readonly Column<Row>[], rows: readonly Row[], screen: Screen): string[] {
  const paint = painter(screen.isColored);
  const cells = rows.map((row) =>
    columns.map(({ cell }) => {
      const { text, style } = cell(row);
      return { text: cutName(text), style };
    }),
  );
  const widths = columns.map(({ name }, place) =>
    Math.max(name.length, ...cells.map((row) => Bun.stringWidth(row[place]?.text ?? ""))),
  );
  const shown = chooseColumns(columns, widths, screen.columns);
  const write = (texts: readonly (Cell | undefined)[], style?: Style): string =>
    `  ${shown
      .map((place) => {
        const { text = "", style: own } = texts[place] ?? {};
        const width = widths[place] ?? 0;
        const gap = " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
        const painted = paint(text, own ?? style);
        return columns[place]?.isNumber ? gap + painted : painted + gap;
      })
      .join("  ")}`.trimEnd();
  return [
    write(
      columns.map(({ name }) => ({ text: name })),
      "dim",
    ),
    ...cells.map((row) => write(row)),
  ];
}

/** The places of the columns that fit, or of those that always stay. */
function chooseColumns(
  columns: readonly Column<never>[],
  widths: readonly number[],
  width: number,
): number[] {
  let places = columns.map((_, place) => place);
  const total = () => places.reduce((sum, place) => sum + (widths[place] ?? 0) + 2, 0);
  const droppable = places
    .filter((place) => columns[place]?.drop !== undefined)
    .sort((one, other) => (columns[other]?.drop ?? 0) - (columns[one]?.drop ?? 0));
  for (const last of droppable) {
    if (total() <= width) break;
    places = places.filter((place) => place !== last);
  }
  return places;
}

/** What comes from the proxy must not steer the terminal: it may name what clients have chosen, or be another server. */
function painter(isColored: boolean): (text: string, style?: Style) => string {
  return (given, style) => {
    const text = showPlainly(given);
    return isColored && style !== undefined && text !== "" ? `\x1b[${codes[style]}m${text}\x1b[0m` : text;
  };
}

/** A long name must not push everything else off the screen. */
const maxName = 40;

function cutName(name: string): string {
  return cutToWidth(showPlainly(name), maxName);
}

/** Cut to the width of the screen; what colors it does not count. */
function fit(line: string, { columns }: Screen): string {
  if (Bun.stringWidth(line) <= columns) return line;
  const cut = Bun.sliceAnsi(line, 0, columns);
  // A sign of two columns may stand across the edge.
  return Bun.stringWidth(cut) <= columns ? cut : Bun.sliceAnsi(line, 0, columns - 1);
}
