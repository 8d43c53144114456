/** `GET /page/events`: what the page and `top` show, once a second, as server-sent events. */
import type { ModelFacts } from "../catalog/models.ts";
import { ProxyError } from "../errors.ts";
import { listBackendStates } from "../journey/list-backend-states.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import type { RestingPart } from "../journey/track-health.ts";
import type { BackendRow, PageState, RouteState } from "../page/page-state.ts";
import { advise } from "../telemetry/advice.ts";
import { startOfDay } from "../telemetry/calendar.ts";
import { maxDays, maxHours, mergeSnapshots, type Snapshot } from "../telemetry/journal.ts";
import { mergeNames } from "../telemetry/sum-by-name.ts";
import { type Bucket, mergeBuckets } from "../telemetry/sum-by-time.ts";
import { addSums, noSums } from "../telemetry/sums.ts";
import type { UsageSum } from "../telemetry/usage/database.ts";
import type { UsageStore } from "../telemetry/usage/store.ts";
import { version } from "../version.ts";

type Needs = Pick<Services, "peers" | "usage" | "drain" | "latest">;

const tickMs = 1000;
/** Without news, the state is sent again after this, so that no proxy in between takes the connection for dead, ms. */
const silenceMs = 10_000;
/** How often a database is asked, ms. */
const usageMs = 10_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Pages and terminals that may watch at once, in each process. */
const maxOpen = 64;

let open = 0;

/** @throws ProxyError `overloaded` when too many are watching */
export function answerEvents({ request }: Pick<RequestContext, "request">, services: Needs): Response {
  if (open >= maxOpen)
    throw new ProxyError(
      "overloaded",
      `Cannot show the page: ${maxOpen} are open already; close some of them`,
    );
  const reader = createStateReader(services);
  const utf8 = new TextEncoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    open -= 1;
    clearTimeout(timer);
  };
  open += 1;
  request.signal.addEventListener("abort", end, { once: true });
  let last = "";
  let sentAt = 0;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tick = async (): Promise<void> => {
        const state = await reader.read().catch(() => undefined);
        if (isOver) return;
        // A page must not hold up the end of the proxy.
        if (services.drain.isStopping) {
          end();
          controller.close();
          return;
        }
        // A reader that is behind gets the next state, which has what it has missed.
        if (state && (controller.desiredSize ?? 0) > 0) {
          const { now, ...news } = state;
          const text = JSON.stringify(news);
          const isNew = text !== last || state.live.length > 0;
          if (isNew || now - sentAt >= silenceMs) {
            controller.enqueue(utf8.encode(`event: state\ndata: ${JSON.stringify(state)}\n\n`));
            reader.sent(state);
            last = text;
            sentAt = now;
          }
        }
        timer = setTimeout(tick, tickMs);
      };
      void tick();
    },
    cancel: end,
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
    },
  });
}

/** Reads states for one viewer; each has only what is new to that viewer. */
function createStateReader(services: Needs) {
  const seen = new Set<string>();
  let since: number | undefined;

  return {
    async read(): Promise<PageState> {
      const now = Date.now();
      const [snapshots, sums] = await Promise.all([
        services.peers.gather("journal"),
        recallUsage(services.usage, now),
      ]);
      const snapshot = { ...mergeSnapshots(snapshots), ...sums };
      const isNew = (bucket: Bucket, length: number) => since === undefined || bucket.at >= since - length;
      return {
        ...snapshot,
        version,
        now,
        isWhole: since === undefined,
        hasUsage: sums !== undefined,
        recent: snapshot.recent.filter(({ id }) => !seen.has(id)),
        minutes: snapshot.minutes.filter((bucket) => isNew(bucket, 60_000)),
        hours: snapshot.hours.filter((bucket) => isNew(bucket, hourMs)),
        days: snapshot.days.filter((bucket) => isNew(bucket, 2 * dayMs)),
        errors: snapshot.errors.map((group) => ({ ...group, advice: advise(group.error) })),
        routes: listRoutes(services.latest()),
        backends: listBackends(services.latest(), now),
      };
    },
    /** The viewer has got the state. */
    sent(state: PageState): void {
      for (const { id } of state.recent) seen.add(id);
      // Far more than are shown; those that are forgotten are no longer among them.
      for (const id of seen) if (seen.size > 1000) seen.delete(id);
      since = state.now;
    },
  };
}

type KeptSums = Pick<Snapshot, "today" | "hours" | "days" | "sessions" | "clients">;

/** Shared by all viewers: to sum up a large database takes a while. */
const recalled = new WeakMap<
  UsageStore,
  { readonly at: number; readonly sums: ReturnType<typeof readUsage> }
>();

function recallUsage(usage: Services["usage"], now: number): Promise<KeptSums | undefined> {
  if (!usage) return Promise.resolve(undefined);
  const known = recalled.get(usage);
  if (known && Math.abs(now - known.at) < usageMs) return known.sums;
  const sums = readUsage(usage, now);
  recalled.set(usage, { at: now, sums });
  return sums;
}

/** What the database knows of longer times than this process. */
async function readUsage(usage: UsageStore, now: number): Promise<KeptSums | undefined> {
  const today = startOfDay(now);
  const [quarters, sessions, clients] = await Promise.all([
    usage.sum({ by: "quarter", since: startOfDay(now - maxDays * dayMs) }),
    usage.sum({ by: "session", since: today }),
    usage.sum({ by: "client", since: today }),
  ]);
  if (!quarters || !sessions || !clients) return undefined;
  const at = ({ key }: UsageSum) => Number(key);
  const bucket = (start: number, { key: _, ...sums }: UsageSum): Bucket => ({ at: start, ...sums });
  const name = ({ key, ...sums }: UsageSum) => ({ name: key, ...sums });
  return {
    today: quarters.filter((sum) => at(sum) >= today).reduce(addSums, noSums),
    hours: mergeBuckets(
      quarters
        .filter((sum) => at(sum) >= now - maxHours * hourMs)
        .map((sum) => bucket(at(sum) - (at(sum) % hourMs), sum)),
    ),
    days: mergeBuckets(quarters.map((sum) => bucket(startOfDay(at(sum)), sum))),
    sessions: mergeNames(sessions.map(name)).slice(0, 50),
    clients: mergeNames(clients.map(name)).slice(0, 50),
  };
}

function listRoutes({ routes, sites }: Pick<Services, "routes" | "sites">): RouteState[] {
  return routes.list().map(({ key, targets }) => {
    const [, id = "", model = ""] = /^([^@]*)@(.*)$/s.exec(targets[0] ?? "") ?? [];
    return { key, targets, ...readFacts(sites.find(id)?.catalog.facts(model)) };
  });
}

function listBackends(services: Services, now: number): BackendRow[] {
  return listBackendStates(services).map((state) => {
    const { backend, catalog } = services.sites.find(state.id) ?? services.sites.default;
    const age = catalog.ageMs(now);
    return {
      ...state,
      dialect: (catalog.serverQuirks() ?? backend.quirks).name,
      resting: state.resting.map((part) => describeRest(part, now)),
      maxConcurrent: backend.maxConcurrent,
      listed: catalog.all().length,
      // In whole minutes: nothing else may have changed.
      listAgeMs: Number.isFinite(age) ? Math.floor(age / 60_000) * 60_000 : undefined,
    };
  });
}

function describeRest({ model, key, reason, until }: Omit<RestingPart, "backend">, now: number): string {
  const parts = [...(key === undefined ? [] : [`key ${key + 1}`]), ...(model === undefined ? [] : [model])];
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return `${parts.length === 0 ? "all of it" : parts.join(", ")}: ${reason}, ${seconds} s left`;
}

function readFacts(facts: ModelFacts | undefined) {
  const { contextWindow: window, maxOutput, price } = facts ?? {};
  return { window, maxOutput, inputPrice: price?.input, outputPrice: price?.output };
}
