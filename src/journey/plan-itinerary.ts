/**
 * The places that one message may be sent to, in order: each target of its route, with each key of its backend. A
 * conversation begins with the same key every time, so that the backend's prompt cache stays useful, and all instances
 * of the proxy choose the same key without communicating.
 */
import type { ProxyError } from "../errors.ts";
import type { Backend } from "../plan/create-backend.ts";
import type { ChosenRoute, RoutePlace } from "../plan/route-table.ts";
import type { Health } from "./track-health.ts";

export type Itinerary = {
  /** Where the message goes first. */
  readonly first: RoutePlace;
  /** Whether there is only one place. */
  readonly isDirect: boolean;
  /** Whether any of them takes requests as they come. */
  readonly isNative: boolean;
  /** How long the place may take to its first token, ms; undefined for as long as its backend may. */
  limitOf(place: RoutePlace): number | undefined;
  /** Whether another key of the same target may be tried. */
  hasSpareKey(place: RoutePlace): boolean;
  /** Records that the place has answered. */
  arrive(place: RoutePlace): void;
  /** The place to try after a failure; undefined if no other may do better. */
  leave(place: RoutePlace, error: ProxyError): RoutePlace | undefined;
  /** The place to try after one that has no room for the request. */
  pass(): RoutePlace | undefined;
};

/** @param session what identifies the conversation, if the client says */
export function planItinerary(route: ChosenRoute, session: string | undefined, health: Health): Itinerary {
  const start: RoutePlace = { step: route.steps[0], key: 0 };
  const isDirect = route.steps.length === 1 && start.step.site.backend.keyHeaders.length < 2;
  return isDirect ? planDirect(start, health) : planSeveral(start, route, session, health);
}

/** Each step of the route, with each key of its backend. */
function planSeveral(
  start: RoutePlace,
  route: ChosenRoute,
  session: string | undefined,
  health: Health,
): Itinerary {
  const all = route.steps.flatMap((step) =>
    orderKeys(step.site.backend, session).map((key): RoutePlace => ({ step, key })),
  );
  // If all have failed lately, none is better than another, and the client decides how often it asks.
  const choosesFrom = all.some(health.isRested) ? health.take : () => true;
  const left = [...all];
  const next = (): RoutePlace | undefined => {
    for (let place = left.shift(); place; place = left.shift()) if (choosesFrom(place)) return place;
    return undefined;
  };
  return {
    first: next() ?? start,
    isDirect: false,
    isNative: all.some(({ step }) => step.site.backend.protocol === "anthropic"),
    limitOf({ step }) {
      const limit = route.firstTokenMs ?? step.site.backend.firstTokenMs;
      return limit !== undefined && left.some(health.isRested) ? limit : undefined;
    },
    hasSpareKey: ({ step }) => left.some((other) => other.step === step && health.isRested(other)),
    arrive: health.succeed,
    leave: (place, error) => (health.fail(place, error) ? next() : undefined),
    pass: next,
  };
}

/** The usual route has a single place: there is nothing to choose, and no list to keep. */
function planDirect(first: RoutePlace, health: Health): Itinerary {
  return {
    first,
    isDirect: true,
    isNative: first.step.site.backend.protocol === "anthropic",
    limitOf: noOther,
    hasSpareKey: hasNone,
    arrive: health.succeed,
    leave(place, error) {
      health.fail(place, error);
      return undefined;
    },
    pass: noOther,
  };
}

const noOther = () => undefined;
const hasNone = () => false;

/**
 * The numbers of a backend's keys, by rendezvous hashing: when a key comes or goes, only the conversations that have it
 * move.
 */
function orderKeys({ id, keyHeaders }: Backend, session = ""): number[] {
  if (keyHeaders.length < 2) return [0];
  const weights = keyHeaders.map((headers) => Bun.hash(JSON.stringify([session, id, headers])));
  const weightOf = (key: number) => weights[key] ?? 0n;
  return [...keyHeaders.keys()].sort((a, b) => (weightOf(a) < weightOf(b) ? 1 : -1));
}
