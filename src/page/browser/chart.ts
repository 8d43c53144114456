/** The chart of the traffic. Series differ in their shapes, not only in their colors. */

import type { PageState } from "../page-state.ts";
import { make } from "./dom.ts";
import { formatCost, formatCount, formatTokens } from "./format.ts";
import { listBuckets, type Span } from "./state.ts";
import uPlot from "./uplot.js";

type Point = PageState["minutes"][number];

export type ChartSubject = "messages" | "tokens" | "cost";

type Series = {
  readonly label: string;
  /** The custom property of its color. */
  readonly color: string;
  readonly dash: readonly number[];
  readonly read: (bucket: Point) => number;
};

const subjects: Readonly<
  Record<ChartSubject, { readonly series: readonly Series[]; readonly write: (value: number) => string }>
> = {
  messages: {
    write: formatCount,
    series: [
      {
        label: "Requests",
        color: "--one",
        dash: [],
        read: ({ messages }) => messages,
      },
      { label: "of which failed", color: "--part-bad", dash: [], read: ({ failed }) => failed },
    ],
  },
  tokens: {
    write: formatTokens,
    series: [
      { label: "Prompts", color: "--one", dash: [], read: ({ inputTokens }) => inputTokens },
      { label: "of which cached", color: "--part-two", dash: [], read: ({ cachedTokens }) => cachedTokens },
      { label: "Answers", color: "--three", dash: [8, 4], read: ({ outputTokens }) => outputTokens },
    ],
  },
  cost: {
    write: formatCost,
    series: [{ label: "Cost", color: "--one", dash: [], read: ({ costUsd }) => costUsd }],
  },
};

/** Distances between lines. Half a request is none. */
const whole = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9].flatMap((size) => [size, 2 * size, 5 * size]);
const parts = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1].flatMap((size) => [size, 2 * size, 5 * size]);
const font = "12px system-ui, sans-serif";
const times: Readonly<Record<Span, Intl.DateTimeFormat>> = {
  minutes: new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  hours: new Intl.DateTimeFormat(undefined, {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }),
  days: new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" }),
};
/** Of the first two series: the second is a part of the first, and narrower. */
const bars = [uPlot.paths.bars?.({ size: [0.7, 24] }), uPlot.paths.bars?.({ size: [0.3, 10] })];

type Places = { readonly chart: HTMLElement; readonly legend: HTMLElement; readonly table: HTMLTableElement };

type Look = {
  readonly subject: ChartSubject;
  readonly span: Span;
  readonly width: number;
  readonly height: number;
  /** The value of a custom property. */
  readonly color: (name: string) => string;
};

/** Colours and widths are set when a plot is made. */
function plotOptions({ subject, span, width, height, color }: Look): uPlot.Options {
  const { series, write } = subjects[subject];
  const isCost = subject === "cost";
  return {
    width,
    height,
    legend: { show: false },
    cursor: { points: { show: false }, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : isCost ? 0.1 : 5] } },
    axes: [
      {
        stroke: color("--muted"),
        font,
        grid: { show: false },
        ticks: { show: false },
        space: 90,
        values: (_, ticks) => ticks.map((tick) => times[span].format(tick * 1000)),
      },
      {
        stroke: color("--muted"),
        font,
        incrs: isCost ? [...parts, ...whole] : whole,
        grid: { stroke: color("--line"), width: 1 },
        ticks: { show: false },
        size: 56,
        values: (_, ticks) => ticks.map(write),
      },
    ],
    series: [
      {},
      ...series.map(({ label, color: name, dash }, place) => ({
        label,
        stroke: color(name),
        width: 2,
        dash: [...dash],
        points: { show: false },
        ...(bars[place] && { fill: color(name), paths: bars[place], width: 0 }),
      })),
    ],
  };
}

/** Draws into the places, and again whenever told to. */
export function createChart({ chart, legend, table }: Places) {
  let plot: uPlot | undefined;
  let drawn = "";

  function draw(state: PageState, subject: ChartSubject, span: Span): void {
    const buckets = listBuckets(state, span);
    const { series, write } = subjects[subject];
    plotValues(
      [buckets.map(({ at }) => at / 1000), ...series.map(({ read }) => buckets.map(read))],
      subject,
      span,
    );
    legend.replaceChildren(
      ...series.map(({ label, color: name, read }, place) =>
        make(
          "li",
          {},
          make("span", { class: `mark mark-${place + 1} ${name.slice(2)}`, "aria-hidden": "true" }),
          `${label} ${write(buckets.reduce((sum, bucket) => sum + read(bucket), 0))}`,
        ),
      ),
    );
    tabulate(buckets, subject, span);
  }

  /** @param values the times in seconds, and then a list for each series */
  function plotValues(values: uPlot.AlignedData, subject: ChartSubject, span: Span): void {
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const width = Math.max(chart.clientWidth, 200);
    const height = Math.max(230, Math.min(chart.clientHeight, 420));
    const form = [subject, span, color("--ink"), width, height].join();
    if (plot && form === drawn) return plot.setData(values);
    plot?.destroy();
    drawn = form;
    plot = new uPlot(plotOptions({ subject, span, width, height, color }), values, chart);
    chart.querySelector("canvas")?.setAttribute("aria-hidden", "true");
  }

  function tabulate(buckets: readonly Point[], subject: ChartSubject, span: Span): void {
    if (!table.closest("details")?.open) return;
    const { series, write } = subjects[subject];
    const busy = buckets.filter(({ messages }) => messages > 0).toReversed();
    table.replaceChildren(
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          ...["Time", ...series.map(({ label }) => label)].map((name) => make("th", { scope: "col" }, name)),
        ),
      ),
      make(
        "tbody",
        {},
        ...busy.map((bucket) =>
          make(
            "tr",
            {},
            make("th", { scope: "row" }, times[span].format(bucket.at)),
            ...series.map(({ read }) => make("td", {}, write(read(bucket)))),
          ),
        ),
      ),
    );
  }

  return { draw };
}
