/**
 * Tries the places of a route, one after another. Until the client has seen part of an answer, a failure that another
 * place may not have leads to the next one. The client gets pings meanwhile, and the last failure if all places fail.
 */
import type { MessagesRequest } from "../anthropic/wire.ts";
import { ProxyError, toProxyError } from "../errors.ts";
import { raceTimer } from "../lib/race-timer.ts";
import { Stop, type StopSignal } from "../lib/stop.ts";
import type { RoutePlace } from "../plan/route-table.ts";
import { refuseOverflow } from "../plan/size/refuse-overflow.ts";
import type { TokenCounter } from "../plan/size/tokens.ts";
import { failedReply, failureOf } from "../reply.ts";
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
  /** Told how to give back a slot of the backend, once the answer has ended. */
  readonly onSlot: (giveBack: () => void) => void;
};

export type Move = {
  readonly plan: PreparedPlan;
  readonly from: RoutePlace;
  readonly to: RoutePlace;
  readonly error: ProxyError;
};

/**
 * Opens a reply at the first place that answers.
 *
 * @param first the plan for the first place
 */
export function followRoute(first: PreparedPlan, options: RouteOptions): Promise<PlannedReply> {
  const { isDirect, first: place } = options.itinerary;
  const isOnlyOne = isDirect && place.step.site.backend.maxConcurrent === undefined;
  return isOnlyOne ? openReply(first, options) : tryPlaces(first, options);
}

async function tryPlaces(first: PreparedPlan, options: RouteOptions): Promise<PlannedReply> {
  const { itinerary } = options;
  let giveBack = (): void => {};
  let [plan, place] = [first, itinerary.first];
  for (;;) {
    const opened = await tryPlace(plan, place);
    const error = failureOf(opened);
    const next = error && !options.signal.aborted ? await planNext(place, error) : undefined;
    if (!error) itinerary.arrive(place);
    if (!error || !next) return opened;
    giveBack();
    options.metrics.fallBack(error.kind);
    options.onMove({ plan: next.plan, from: place, to: next.place, error });
    ({ plan, place } = next);
  }

  /** Asks at a place, for as long as its first token may take. */
  async function tryPlace(plan: PreparedPlan, place: RoutePlace): Promise<PlannedReply> {
    const limitMs = itinerary.limitOf(place);
    if (limitMs === undefined) return await begin(plan, place, options.signal);
    const call = new Stop();
    const { signal } = options;
    signal.addEventListener("abort", () => call.abort(signal.reason), { once: true });
    if (signal.aborted) call.abort(signal.reason);
    const begun = begin(plan, place, call);
    const opened = await raceTimer(begun, limitMs);
    if (opened) return opened;
    const error = new ProxyError(
      "timeout",
      `The backend at ${place.step.site.backend.name} gave no token in ${limitMs / 1000} s`,
    );
    call.abort(error);
    return { ...failedReply(error), plan };
  }

  async function begin(plan: PreparedPlan, place: RoutePlace, signal: StopSignal): Promise<PlannedReply> {
    try {
      const { backend } = place.step.site;
      if (backend.maxConcurrent !== undefined) {
        giveBack = await options.slots.take(backend, options.sessionId, signal);
        // The client has left while we waited: nothing else would give the slot back.
        if (signal.aborted) giveBack();
        else options.onSlot(giveBack);
      }
      const elsewhere = ({ kind }: ProxyError) => kind === "rate-limit" && itinerary.hasSpareKey(place);
      return await openReply(plan, { ...options, signal, pace: { ...options.pace, elsewhere } });
    } catch (thrown) {
      return { ...failedReply(toProxyError(thrown)), plan };
    }
  }

  /** The next place that can hold the request, with the plan for it. */
  async function planNext(from: RoutePlace, error: ProxyError): Promise<Planned | undefined> {
    let place = isBusy(error) ? itinerary.pass() : itinerary.leave(from, error);
    for (; place; place = itinerary.pass()) {
      try {
        const plan = await preparePlan(options.given, { ...options, place });
        await refuseOverflow(plan, options.tokens.measure);
        return { plan, place };
      } catch (thrown) {
        options.note(`skipped a target: ${toProxyError(thrown).message}`);
      }
    }
    return undefined;
  }
}

type Planned = { readonly plan: PreparedPlan; readonly place: RoutePlace };

/** The backend has no room, which says nothing against it. */
function isBusy({ kind, isOurs }: ProxyError): boolean {
  return kind === "overloaded" && isOurs;
}
