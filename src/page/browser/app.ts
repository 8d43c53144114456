/**
 * Room `page/browser/`: what runs in a browser. Each file is a module that the browser loads by its name. Not here: HTML
 * as text, requests to any other server, and what only the proxy knows.
 *
 * The page: listens to the proxy, and draws what it hears.
 */
import type { PageState } from "../page-state.ts";
import { type ChartSubject, createChart } from "./chart.ts";
import { type Child, fill, find, make, makeBar, makeChoice } from "./dom.ts";
import { createRecent } from "./draw-recent.ts";
import { type Filter, isShown } from "./filter-messages.ts";
import { findMedian, formatCost, formatCount, formatDuration, formatShare, formatTokens } from "./format.ts";
import { mergeStates, type Span } from "./state.ts";
import { drawBackends, drawLive, drawNames, drawRoutes } from "./tables.ts";

const place = (id: string): HTMLElement => find(id, HTMLElement);

let state: PageState | undefined;
let subject: ChartSubject = "messages";
let span: Span = "minutes";
let filter: Filter = "all";
let words = "";

const chart = createChart({
  chart: place("chart"),
  legend: place("legend"),
  table: find("series-table", HTMLTableElement),
});
const recent = createRecent(place("recent"));

function draw(): void {
  if (!state) return;
  place("version").textContent = state.version;
  drawTiles(state);
  drawChart();
  drawFirstTokens(state);
  drawErrors(state);
  drawLive(place("live"), state);
  drawRecent();
  drawNames(place("sessions"), state.sessions, "Session");
  drawNames(place("clients"), state.clients, "Client");
  drawRoutes(place("routes"), state);
  drawBackends(place("backends"), state);
}

function drawChart(): void {
  if (state) chart.draw(state, subject, span);
}

function drawRecent(): void {
  if (!state) return;
  const advice = new Map(state.errors.map((group) => [group.error, group.advice]));
  recent.draw(
    state.recent,
    (message) => isShown(message, filter, words),
    (error) => advice.get(error),
  );
}

function drawTiles({ live, today, recent, startedAt, now, hasUsage }: PageState): void {
  const waiting = live.filter(({ firstTokenMs }) => firstTokenMs === undefined).length;
  const median = findMedian(recent.flatMap(({ firstTokenMs }) => firstTokenMs ?? []));
  const { messages, failed, inputTokens, cachedTokens, outputTokens, costUsd, unpriced } = today;
  const since = hasUsage ? "since midnight" : `up for ${formatDuration(now - startedAt)}`;
  const cost = costUsd === 0 && unpriced > 0 ? "unknown" : formatCost(costUsd);
  const priced = unpriced > 0 ? `${formatCount(unpriced)} without a price` : "of all requests";
  const tiles: readonly (readonly [name: string, value: string, more: string, kind?: string | undefined])[] =
    [
      [
        "In flight",
        formatCount(live.length),
        waiting > 0 ? `${formatCount(waiting)} waiting for the first token` : "none waiting",
      ],
      ["Requests today", formatCount(messages), since],
      [
        "Failed today",
        formatCount(failed),
        failed > 0 ? `${formatShare(failed, messages)} of all` : "none",
        failed > 0 ? "bad" : undefined,
      ],
      [
        "Tokens today",
        `${formatTokens(inputTokens)} → ${formatTokens(outputTokens)}`,
        `${formatShare(cachedTokens, inputTokens)} of prompts cached`,
      ],
      ["Cost today", cost, priced],
      ["First token", formatDuration(median), "median of the last requests"],
    ];
  fill(
    place("tiles"),
    ...tiles.map(([name, value, more, kind]) =>
      make(
        "div",
        { class: kind === undefined ? "tile" : `tile ${kind}` },
        make("h2", {}, name),
        make("p", { class: "value" }, value),
        make("p", { class: "muted" }, more),
      ),
    ),
  );
}

/** As `firstTokenBounds` of the proxy. */
const bounds = ["0.1 s", "0.25 s", "0.5 s", "1 s", "2 s", "4 s", "8 s", "15 s", "30 s", "60 s", "longer"];

function drawFirstTokens({ firstTokens }: PageState): void {
  const all = firstTokens.reduce((sum, count) => sum + count, 0);
  if (all === 0) {
    fill(place("first"), make("li", { class: "empty" }, "No answer has begun yet."));
    return;
  }
  const most = Math.max(...firstTokens);
  const bars = firstTokens.map((count, index): Child => {
    const label = index === bounds.length - 1 ? "longer" : `≤ ${bounds[index]}`;
    return make(
      "li",
      {},
      make("span", { class: "label" }, label),
      makeBar(count / most),
      make(
        "span",
        { class: "number" },
        count === 0 ? "0" : `${formatCount(count)} (${formatShare(count, all)})`,
      ),
    );
  });
  fill(place("first"), ...bars);
}

function drawErrors({ errors, now }: PageState): void {
  if (errors.length === 0) {
    fill(place("errors"), make("li", { class: "empty" }, "✓ None since the proxy was started."));
    return;
  }
  fill(
    place("errors"),
    ...errors
      .slice(0, 8)
      .map(({ error, status, count, backend, model, lastAt, advice }) =>
        make(
          "li",
          {},
          make(
            "p",
            {},
            make("strong", {}, `${formatCount(count)} × ${error} (${status})`),
            make("span", { class: "muted" }, ` ${formatDuration(Math.max(0, now - lastAt))} ago`),
          ),
          make("p", { class: "muted name" }, `${model} @ ${backend}`),
          make("p", {}, advice),
        ),
      ),
  );
}

function showConnection(words: string, kind: "good" | "bad"): void {
  const connection = place("connection");
  const sign = kind === "good" ? "●" : "○";
  connection.className = `connection ${kind}`;
  if (connection.dataset.words === words) return;
  connection.dataset.words = words;
  connection.replaceChildren(make("span", { "aria-hidden": "true" }, `${sign} `), words);
}

function listen(): void {
  const source = new EventSource("/page/events");
  source.addEventListener("state", ({ data }) => {
    // Only this proxy says anything here.
    const fresh: PageState = JSON.parse(data);
    state = mergeStates(state, fresh);
    showConnection("Live", "good");
    draw();
  });
  source.addEventListener("error", () => {
    showConnection("The proxy does not answer; trying again", "bad");
    // A browser gives up when the answer is no stream: the key may have been changed.
    if (source.readyState === EventSource.CLOSED) setTimeout(reconnect, 3000);
  });
}

async function reconnect(): Promise<void> {
  const response = await fetch("/", { headers: { accept: "application/json" } }).catch(() => undefined);
  if (response?.status === 401) location.reload();
  else listen();
}

const themes = ["auto", "light", "dark"] as const;
type Theme = (typeof themes)[number];

let theme: Theme = "auto";

/** A browser that blocks storage throws; then a theme lasts as long as the page. */
function recallTheme(): Theme {
  try {
    const kept = localStorage.getItem("theme");
    return themes.find((theme) => theme === kept) ?? "auto";
  } catch {
    return "auto";
  }
}

function keepTheme(): void {
  try {
    localStorage.setItem("theme", theme);
  } catch {}
}

function useTheme(next: Theme): void {
  theme = next;
  document.documentElement.dataset.theme = theme;
  place("theme").textContent = `Theme: ${theme}`;
  drawChart();
}

useTheme(recallTheme());
place("theme").addEventListener("click", () => {
  useTheme(themes[(themes.indexOf(theme) + 1) % themes.length] ?? "auto");
  keepTheme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawChart);
addEventListener("resize", drawChart);
place("series-table").closest("details")?.addEventListener("toggle", drawChart);

makeChoice(
  place("series"),
  [
    ["messages", "Requests"],
    ["tokens", "Tokens"],
    ["cost", "Cost"],
  ],
  subject,
  (value) => {
    subject = value;
    drawChart();
  },
);
makeChoice(
  place("span"),
  [
    ["minutes", "Hour"],
    ["hours", "2 days"],
    ["days", "30 days"],
  ],
  span,
  (value) => {
    span = value;
    drawChart();
  },
);
makeChoice(
  place("filter"),
  [
    ["all", "All"],
    ["failed", "Failed"],
    ["repaired", "Repaired"],
  ],
  filter,
  (value) => {
    filter = value;
    drawRecent();
  },
);
find("search", HTMLInputElement).addEventListener("input", ({ target }) => {
  words = target instanceof HTMLInputElement ? target.value.trim() : "";
  drawRecent();
});

const leave = find("leave", HTMLButtonElement);
// Scripts cannot see the cookie that lets them in, so the proxy says whether there is one.
leave.hidden = document.documentElement.dataset.signedIn === undefined;
leave.addEventListener("click", async () => {
  await fetch("/page/sign-out", { method: "POST" });
  location.reload();
});

listen();
