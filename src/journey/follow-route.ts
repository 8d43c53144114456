/**
 * Tries the places of a route, one after another. Until the client has seen part of an answer, a failure that another
 * place may not have leads to the next one. The client gets pings meanwhile, and the last failure if all places fail.
 */
import type { MessagesRequest } from "../anthropic/wire.ts";
import { ProxyError, toProxyError } from "../errors.ts";
import { deferIterator, type Opened } from "../lib/defer-iterator.ts";
import { raceTimer } from "../lib/race-timer.ts";
import type { RoutePlace } from "../plan/route-table.ts";
import { refuseOverflow } from "../plan/size/refuse-overflow.ts";
import type { TokenCounter } from "../plan/size/tokens.ts";
import { isSeen, type Reply, type ReplyEvent } from "../reply.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { openReply, type PlannedReply, type ReplyOptions } from "./open-reply.ts";
import type { Itinerary } from "./plan-itinerary.ts";
import { type PreparedPlan, preparePlan } from "./prepare-plan.ts";
import type { Slots } from "./share-slots.ts";

export type RouteOptions = ReplyOptions & {
  readonly itinerary: Itinerary;
  /** The client's request, which is planned anew for each place. */
  readonly given: MessagesRequest;
  readonly slots: Slots;
  readonly tokens: Pick<TokenCounter, "estimate" | "measure">;
  readonly metrics: Pick<Metrics, "retry" | "fallBack">;
  /** Told before the message goes on to another place. */
  readonly onMove: (move: Move) => void;
};

export type Move = {
  readonly plan: PreparedPlan;
  readonly from: RoutePlace;
  readonly to: RoutePlace;
  readonly error: ProxyError;
};

type RoutedReply = PlannedReply & {
  /** Gives back what the reply holds. */
  readonly close: () => void;
};

type Begun = Opened<ReplyEvent[]>;

/** @param first the plan for the first place */
export function followRoute(first: PreparedPlan, options: RouteOptions): RoutedReply {
  const { itinerary } = options;
  const { maxConcurrent } = itinerary.first.step.site.backend;
  if (itinerary.isDirect && maxConcurrent === undefined) {
    const opened = openReply(first, options);
    return describe(opened.reply, () => opened.plan);
  }
  let current: PlannedReply | undefined;
  let release = (): void => {};

  const reply = deferIterator(async () => {
    let [plan, place] = [first, itinerary.first];
    for (;;) {
      const opened = await tryPlace(plan, place);
      const error = failureOf(opened.first);
      const next = error && !options.signal.aborted ? await planNext(place, error) : undefined;
      if (!error) itinerary.arrive(place);
      if (!error || !next) return opened;
      release();
      options.metrics.fallBack(error.kind);
      options.onMove({ plan: next.plan, from: place, to: next.place, error });
      ({ plan, place } = next);
    }
  });

  /** Asks at a place, and reads up to the first fact that the client sees. */
  async function tryPlace(plan: PreparedPlan, place: RoutePlace): Promise<Begun> {
    const limitMs = itinerary.limitOf(place);
    if (limitMs === undefined) return await begin(plan, place, options.signal);
    const call = new AbortController();
    const begun = begin(plan, place, AbortSignal.any([options.signal, call.signal]));
    const opened = await raceTimer(begun, limitMs);
    if (opened) return opened;
    const error = new ProxyError(
      "timeout",
      `The backend at ${place.step.site.backend.name} gave no token in ${limitMs / 1000} s`,
    );
    call.abort(error);
    return failed(error);
  }

  async function begin(plan: PreparedPlan, place: RoutePlace, signal: AbortSignal): Promise<Begun> {
    try {
      const { backend } = place.step.site;
      if (backend.maxConcurrent !== undefined) {
        const giveBack = await options.slots.take(backend, options.sessionId, signal);
        // The client has left while we waited: nothing else would give the slot back.
        if (signal.aborted) giveBack();
        else release = giveBack;
      }
      const elsewhere = ({ kind }: ProxyError) => kind === "rate-limit" && itinerary.hasSpareKey(place);
      current = openReply(plan, { ...options, signal, pace: { ...options.pace, elsewhere } });
      return await readToFirstSeen(current.reply);
    } catch (thrown) {
      return failed(toProxyError(thrown));
    }
  }

  /** The next place that can hold the request, with the plan for it. */
  async function planNext(from: RoutePlace, error: ProxyError): Promise<Planned | undefined> {
    let place = isBusy(error) ? itinerary.pass() : itinerary.leave(from, error);
    for (; place; place = itinerary.pass()) {
      try {
        const plan = await preparePlan(options.given, { ...options, place });
        await refuseOverflow(plan, () => options.tokens.measure(plan));
        return { plan, place };
      } catch (thrown) {
        options.note(`skipped a target: ${toProxyError(thrown).message}`);
      }
    }
    return undefined;
  }

  return describe(
    reply,
    () => (current ? current.plan : first),
    () => release(),
  );
}

type Planned = { readonly plan: PreparedPlan; readonly place: RoutePlace };

function describe(reply: Reply, planOf: () => PlannedReply["plan"], close = () => {}): RoutedReply {
  return {
    reply,
    close,
    get plan() {
      return planOf();
    },
  };
}

async function readToFirstSeen(rest: Reply): Promise<Begun> {
  const first: ReplyEvent[] = [];
  for (let read = await rest.next(); !read.done; read = await rest.next()) {
    for (const fact of read.value) first.push(fact);
    if (read.value.some(isSeen)) break;
  }
  return { first, rest };
}

function failed(error: ProxyError): Begun {
  return { first: [{ type: "failure", error }], rest: nothing() };
}

async function* nothing(): Reply {}

/** The failure of a reply of which the client has seen nothing. */
function failureOf(facts: readonly ReplyEvent[]): ProxyError | undefined {
  const last = facts.at(-1);
  return last?.type === "failure" && !facts.some(isSeen) ? last.error : undefined;
}

/** The backend has no room, which says nothing against it. */
function isBusy({ kind, isOurs }: ProxyError): boolean {
  return kind === "overloaded" && isOurs;
}
