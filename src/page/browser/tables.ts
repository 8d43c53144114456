/** Tables, which on a phone are lists of cards: each cell knows the name of its column. */
import type { PageState } from "../page-state.ts";
import { type Child, fill, make, makeBar } from "./dom.ts";
import { formatCost, formatCount, formatDuration, formatShare, formatTokens, tokenRate } from "./format.ts";

type EndedMessage = PageState["recent"][number];
type Live = PageState["live"][number];
type Named = PageState["sessions"][number];

type Column<Row> = { readonly name: string; readonly isNumber?: true; readonly cell: (row: Row) => Child };

function makeTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], caption: string): HTMLElement {
  const head = columns.map(({ name, isNumber }) =>
    make("th", { scope: "col", class: isNumber && "number" }, name),
  );
  return make(
    "table",
    { class: "cards" },
    make("caption", { class: "hidden" }, caption),
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...rows.map((row) => makeRow(columns, row))),
  );
}

function makeRow<Row>(columns: readonly Column<Row>[], row: Row): HTMLTableRowElement {
  const cells = columns.map(({ name, isNumber, cell }) => {
    const child = cell(row);
    const isNone = child === undefined || child === "" || child === "–";
    const kinds = [...(isNumber ? ["number"] : []), ...(isNone ? ["none"] : [])];
    return make("td", { "data-name": name, class: kinds.length > 0 && kinds.join(" ") }, child);
  });
  return make("tr", {}, ...cells);
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** The model that was asked for, and the one that answers. */
function writeModel({ asked, model, backend }: Pick<EndedMessage, "asked" | "model" | "backend">): Child {
  return make(
    "span",
    { class: "model" },
    make("span", {}, asked),
    make("span", { class: "muted" }, `→ ${model} @ ${backend}`),
  );
}

function writeStatus({ status, error }: EndedMessage): Child {
  const kind = status === 499 ? "left" : error === undefined ? "good" : "bad";
  const sign = { left: "⊘", good: "✓", bad: "✕" }[kind];
  const words = { left: "left", good: String(status), bad: `${status} ${error}` }[kind];
  return make(
    "span",
    { class: `status ${kind}` },
    make("span", { "aria-hidden": "true" }, sign),
    ` ${words}`,
  );
}

/** Prompt and answer, and how much of the prompt came from a cache. */
function writeTokens({ inputTokens, cachedTokens, outputTokens }: EndedMessage): Child {
  if (inputTokens + outputTokens === 0) return "–";
  const share = formatShare(cachedTokens, inputTokens);
  return make(
    "span",
    { class: "tokens" },
    make("span", {}, `${formatTokens(inputTokens)} → ${formatTokens(outputTokens)}`),
    make(
      "span",
      { class: "muted cached" },
      makeBar(inputTokens > 0 ? cachedTokens / inputTokens : 0),
      ` ${share} cached`,
    ),
  );
}

function writeSpeed(message: EndedMessage): string {
  const rate = tokenRate(message.outputTokens, message.tookMs, message.firstTokenMs);
  return rate === undefined ? "–" : `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

function writeRepairs({ retries, healed }: EndedMessage): Child {
  const words = [
    ...(retries > 0 ? [retries === 1 ? "1 retry" : `${retries} retries`] : []),
    ...(healed.length > 0 ? [`${healed.length} healed`] : []),
  ];
  return words.length === 0
    ? ""
    : make("span", { class: "repairs", title: healed.join("; ") }, words.join(", "));
}

const messageColumns: readonly Column<EndedMessage>[] = [
  { name: "Ended", cell: ({ startedAt, tookMs }) => clock.format(startedAt + tookMs) },
  { name: "Model", cell: writeModel },
  { name: "Status", cell: writeStatus },
  { name: "Class", cell: (message) => message.class ?? "–" },
  { name: "Client", cell: ({ client }) => client ?? "–" },
  { name: "Tokens", isNumber: true, cell: writeTokens },
  { name: "First token", isNumber: true, cell: ({ firstTokenMs }) => formatDuration(firstTokenMs) },
  { name: "Speed", isNumber: true, cell: writeSpeed },
  { name: "Took", isNumber: true, cell: ({ tookMs }) => formatDuration(tookMs) },
  { name: "Cost", isNumber: true, cell: ({ costUsd }) => formatCost(costUsd) },
  { name: "Repairs", cell: writeRepairs },
];

/** What a row says when it is opened. */
function describe(
  message: EndedMessage,
  adviceOf: (error: string) => string | undefined,
): readonly (readonly [string, string])[] {
  const { id, session, stopReason, stream, reasoningTokens, cacheWriteTokens, healed, error } = message;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["What to do", error === undefined ? undefined : adviceOf(error)],
    ["Id in the log", id],
    ["Session", session],
    ["Stop reason", stopReason],
    ["Answered as", stream ? "a stream" : "one message"],
    ["Reasoning", reasoningTokens > 0 ? `${formatCount(reasoningTokens)} tokens` : undefined],
    ["Written to a cache", cacheWriteTokens > 0 ? `${formatCount(cacheWriteTokens)} tokens` : undefined],
    ["Healed", healed.length > 0 ? healed.join("; ") : undefined],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

export type Filter = "all" | "failed" | "repaired";

export function isShown(message: EndedMessage, filter: Filter, words: string): boolean {
  const { asked, model, backend, client, session, id, error } = message;
  if (filter === "failed" && error === undefined) return false;
  if (filter === "repaired" && message.retries + message.healed.length === 0) return false;
  const text = [asked, model, backend, client, session, id, error, message.class].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Rows that are shown until somebody wants to see all. */
const maxShown = 25;

/** The table of the last requests. A row that is already there stays the same element, opened or not. */
export function createRecent(place: HTMLElement) {
  const body = make("tbody");
  const heads = [{ name: "Details", isNumber: undefined }, ...messageColumns].map(({ name, isNumber }) =>
    make(
      "th",
      { scope: "col", class: isNumber && "number" },
      name === "Details" ? make("span", { class: "hidden" }, name) : name,
    ),
  );
  const table = make(
    "table",
    { class: "cards" },
    make("caption", { class: "hidden" }, "The last requests, the newest first"),
    make("thead", {}, make("tr", {}, ...heads)),
    body,
  );
  const scroll = make(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of the last requests" },
    table,
  );
  const empty = make("p", { class: "empty" });
  const rows = new Map<string, readonly HTMLTableRowElement[]>();

  function makeRows(
    message: EndedMessage,
    adviceOf: (error: string) => string | undefined,
  ): readonly HTMLTableRowElement[] {
    const row = makeRow(messageColumns, message);
    const facts = describe(message, adviceOf).flatMap(([name, text]) => [
      make("dt", {}, name),
      make("dd", {}, text),
    ]);
    const details = make(
      "tr",
      { class: "details", id: `details-${message.id}`, hidden: true },
      make("td", { colspan: String(messageColumns.length + 1) }, make("dl", {}, ...facts)),
    );
    const toggle = make(
      "button",
      {
        type: "button",
        class: "toggle",
        "aria-expanded": "false",
        "aria-controls": details.id,
        "aria-label": `Details of ${message.id}`,
      },
      "+",
    );
    toggle.addEventListener("click", () => {
      details.hidden = !details.hidden;
      toggle.setAttribute("aria-expanded", String(!details.hidden));
      toggle.textContent = details.hidden ? "+" : "−";
    });
    row.prepend(make("td", { class: "opens" }, toggle));
    if (message.error !== undefined) row.classList.add("failed");
    return [row, details];
  }

  const more = make("button", { type: "button", class: "more" });
  let limit = maxShown;
  let redraw = (): void => {};
  more.addEventListener("click", () => {
    limit = Number.POSITIVE_INFINITY;
    redraw();
  });

  return {
    draw(
      messages: readonly EndedMessage[],
      isChosen: (message: EndedMessage) => boolean,
      adviceOf: (error: string) => string | undefined,
    ): void {
      redraw = () => this.draw(messages, isChosen, adviceOf);
      const found = messages.filter(isChosen);
      const chosen = found.slice(0, limit);
      more.textContent = `Show all ${formatCount(found.length)}`;
      more.hidden = chosen.length === found.length;
      const ids = new Set(chosen.map(({ id }) => id));
      for (const [id, own] of rows)
        if (!ids.has(id)) {
          for (const row of own) row.remove();
          rows.delete(id);
        }
      let next: ChildNode | null = body.firstChild;
      for (const message of chosen) {
        const own = rows.get(message.id) ?? makeRows(message, adviceOf);
        rows.set(message.id, own);
        for (const row of own)
          if (row === next) next = row.nextSibling;
          else body.insertBefore(row, next);
      }
      empty.textContent = messages.length === 0 ? "No request has finished yet." : "No request matches.";
      const shown = chosen.length === 0 ? empty : scroll;
      if (place.firstChild !== shown) place.replaceChildren(shown, more);
    },
  };
}

const liveColumns = (now: number): readonly Column<Live>[] => [
  { name: "For", isNumber: true, cell: ({ startedAt }) => formatDuration(Math.max(0, now - startedAt)) },
  { name: "Model", cell: writeModel },
  {
    name: "State",
    cell: ({ firstTokenMs, chunks }) =>
      firstTokenMs === undefined
        ? "Waits for the first token"
        : `Answers: ${formatCount(chunks)} ${chunks === 1 ? "piece" : "pieces"} so far`,
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
  const columns: readonly Column<Named>[] = [
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
  else fill(place, makeTable(columns, names.slice(0, maxNames), `${what}s of today, the dearest first`));
}

export function drawRoutes(place: HTMLElement, { routes }: PageState): void {
  const count = (tokens: number | undefined) => (tokens === undefined ? "–" : formatCount(tokens));
  const columns: readonly Column<PageState["routes"][number]>[] = [
    { name: "Requests for", cell: ({ key }) => make("span", { class: "name" }, key) },
    { name: "Go to", cell: ({ targets }) => make("span", { class: "name" }, targets.join(", then ")) },
    { name: "Window", isNumber: true, cell: ({ window }) => count(window) },
    { name: "Max answer", isNumber: true, cell: ({ maxOutput }) => count(maxOutput) },
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
  const columns: readonly Column<PageState["backends"][number]>[] = [
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
