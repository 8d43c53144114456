/** The smaller tables: requests in flight, sessions and clients, routes, backends. */
import type { PageState } from "../page-state.ts";
import { fill, make } from "./dom.ts";
import { formatCost, formatCount, formatDuration, formatTokens } from "./format.ts";
import { makeTable, type TableColumn } from "./make-table.ts";
import { writeModel } from "./message-columns.ts";

type Live = PageState["live"][number];
type Named = PageState["sessions"][number];

const liveColumns = (now: number): readonly TableColumn<Live>[] => [
  { name: "For", isNumber: true, cell: ({ startedAt }) => formatDuration(Math.max(0, now - startedAt)) },
  { name: "Model", cell: writeModel },
  {
    name: "State",
    cell: ({ firstTokenMs, chunks }) =>
      firstTokenMs === undefined
        ? "Waiting for the first token"
        : `Answering: ${formatCount(chunks)} ${chunks === 1 ? "piece" : "pieces"} so far`,
  },
  { name: "First token", isNumber: true, cell: ({ firstTokenMs }) => formatDuration(firstTokenMs) },
  { name: "Class", cell: (message) => message.class ?? "–" },
  { name: "Client", cell: ({ client }) => client ?? "–" },
];

/** More are counted. */
const maxLive = 20;

export function drawLive(place: HTMLElement, { live, now, total }: PageState): void {
  if (live.length === 0) {
    const command = `${document.documentElement.dataset.variable}=${location.origin} claude`;
    fill(
      place,
      total.messages > 0
        ? make("p", { class: "empty" }, "Nothing is in flight.")
        : make(
            "p",
            { class: "empty" },
            "No request has come yet. Point Claude Code here: ",
            make("code", {}, command),
          ),
    );
    return;
  }
  const more = live.length - maxLive;
  fill(
    place,
    makeTable(liveColumns(now), live.slice(0, maxLive), "Requests in flight, the oldest first"),
    more > 0 ? make("p", { class: "muted" }, `and ${formatCount(more)} more`) : undefined,
  );
}

/** More are left out. */
const maxNames = 12;

export function drawNames(place: HTMLElement, names: readonly Named[], what: "Session" | "Client"): void {
  const none = what === "Client" ? "(key without a name)" : "(no session)";
  const columns: readonly TableColumn<Named>[] = [
    { name: what, cell: ({ name }) => make("span", { class: "name" }, name === "" ? none : name) },
    { name: "Requests", isNumber: true, cell: ({ messages }) => formatCount(messages) },
    {
      name: "Tokens",
      isNumber: true,
      cell: ({ inputTokens, outputTokens }) => `${formatTokens(inputTokens)} → ${formatTokens(outputTokens)}`,
    },
    {
      name: "Cost",
      isNumber: true,
      cell: (sums) => formatCost(sums.costUsd === 0 && sums.unpriced > 0 ? undefined : sums.costUsd),
    },
  ];
  if (names.length === 0) fill(place, make("p", { class: "empty" }, "None yet."));
  else
    fill(place, makeTable(columns, names.slice(0, maxNames), `${what}s of today, the most expensive first`));
}

export function drawRoutes(place: HTMLElement, { routes }: PageState): void {
  const count = (tokens: number | undefined) => (tokens === undefined ? "–" : formatCount(tokens));
  const columns: readonly TableColumn<PageState["routes"][number]>[] = [
    { name: "Requests for", cell: ({ key }) => make("span", { class: "name" }, key) },
    { name: "Go to", cell: ({ targets }) => make("span", { class: "name" }, targets.join(", then ")) },
    { name: "Window", isNumber: true, cell: ({ window }) => count(window) },
    { name: "Max output", isNumber: true, cell: ({ maxOutput }) => count(maxOutput) },
    {
      name: "$ per million",
      isNumber: true,
      cell: ({ inputPrice, outputPrice }) =>
        inputPrice === undefined
          ? "–"
          : `${Number(inputPrice.toFixed(4))} / ${Number((outputPrice ?? 0).toFixed(4))}`,
    },
  ];
  fill(place, makeTable(columns, routes, "Where requests go"));
}

export function drawBackends(place: HTMLElement, { backends }: PageState): void {
  const columns: readonly TableColumn<PageState["backends"][number]>[] = [
    { name: "Backend", cell: ({ id }) => make("span", { class: "name" }, id) },
    { name: "Address", cell: ({ host, dialect }) => make("span", { class: "name" }, `${host} (${dialect})`) },
    {
      name: "State",
      cell: ({ resting }) =>
        resting.length === 0
          ? make("span", { class: "status good" }, "✓ in use")
          : make("span", { class: "status bad" }, ...resting.map((words) => make("span", {}, `✕ ${words}`))),
    },
    { name: "Keys", isNumber: true, cell: ({ keys }) => formatCount(keys) },
    {
      name: "At once",
      isNumber: true,
      cell: ({ running, waiting, maxConcurrent }) =>
        maxConcurrent === undefined
          ? "–"
          : `${formatCount(running)} of ${formatCount(maxConcurrent)}${waiting > 0 ? `, ${formatCount(waiting)} wait` : ""}`,
    },
    {
      name: "Models",
      isNumber: true,
      cell: ({ listed, listAgeMs }) =>
        listAgeMs === undefined
          ? "not read"
          : `${formatCount(listed)}, ${listAgeMs === 0 ? "just now" : `${formatDuration(listAgeMs)} ago`}`,
    },
  ];
  fill(place, makeTable(columns, backends, "Backends and their keys"));
}
