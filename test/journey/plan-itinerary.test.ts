import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ProxyError } from "../../src/errors.ts";
import { type Itinerary, planItinerary } from "../../src/journey/plan-itinerary.ts";
import { createHealth, type Health } from "../../src/journey/track-health.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { noHints, type RoutePlace } from "../../src/plan/route-table.ts";
import { configWith } from "../support/routing.ts";

const backends = (keys: readonly string[]) => `
[backends.a]
url = "http://a/v1"
keys = ${JSON.stringify(keys)}
[backends.b]
url = "http://b/v1"
first_token_timeout = 5
[routes]
opus = { targets = ["a@m", "b@n"], first_token_timeout = 2 }
sonnet = ["b@n", "a@m"]
haiku = "b@n"
`;

function itineraryFor(
  model: string,
  {
    session,
    keys = ["k1", "k2", "k3"],
    health = createHealth(),
  }: { session?: string; keys?: string[]; health?: Health } = {},
): Itinerary {
  const { routes } = createRouting(configWith(backends(keys)));
  return planItinerary(routes.choose(model, noHints), session, health);
}

const authorizationAt = ({ step, key }: RoutePlace) => step.site.backend.keyHeaders[key]?.authorization;
const nameOf = ({ step }: RoutePlace) => `${step.site.backend.id}@${step.model}`;
const limited = new ProxyError("rate-limit", "Slow down");
const down = new ProxyError("unreachable", "Gone");

/** Every place, in order, as each fails. */
function walk(itinerary: Itinerary, error: ProxyError): RoutePlace[] {
  const places = [itinerary.first];
  for (let next = itinerary.leave(itinerary.first, error); next; next = itinerary.leave(next, error))
    places.push(next);
  return places;
}

test("each key of a target comes before the next target", () => {
  const places = walk(itineraryFor("opus"), limited);
  expect(places.map(nameOf)).toEqual(["a@m", "a@m", "a@m", "b@n"]);
  expect(new Set(places.slice(0, 3).map(authorizationAt)).size).toBe(3);
});

test("a backend that is gone is left with all its keys", () => {
  expect(walk(itineraryFor("opus"), down).map(nameOf)).toEqual(["a@m", "b@n"]);
});

test("if all have failed of late, they are tried in their order again", () => {
  const health = createHealth();
  walk(itineraryFor("opus", { health }), down);
  expect(walk(itineraryFor("opus", { health }), down).map(nameOf)).toEqual(["a@m", "a@m", "a@m", "b@n"]);
});

describe("the time limit", () => {
  test("is that of the route, else of the backend, and holds only where another place is left", () => {
    const opus = itineraryFor("opus");
    expect(opus.limitOf(opus.first)).toBe(2000);
    const [, ...rest] = walk(opus, down);
    expect(rest.map(opus.limitOf)).toEqual([undefined]);
    const sonnet = itineraryFor("sonnet");
    expect(sonnet.limitOf(sonnet.first)).toBe(5000);
    const haiku = itineraryFor("haiku");
    expect([haiku.isDirect, haiku.limitOf(haiku.first)]).toEqual([true, undefined]);
  });
});

describe("the key of a conversation", () => {
  const keys = ["k1", "k2", "k3", "k4"];
  const keyOf = (session: string, from: string[]) =>
    authorizationAt(itineraryFor("opus", { session, keys: from }).first);

  test("does not depend on the order of the keys, and moves only if its key goes", () => {
    const property = fc.property(fc.uuid(), fc.shuffledSubarray(keys, { minLength: 2 }), (session, some) => {
      const all = keyOf(session, keys);
      expect(keyOf(session, keys.toReversed())).toBe(all);
      if (some.includes(all?.replace("Bearer ", "") ?? "")) expect(keyOf(session, some)).toBe(all);
    });
    fc.assert(property, { numRuns: 50 });
  });

  test("is spread over all of them", () => {
    const sessions = Array.from({ length: 60 }, (_, number) => `session-${number}`);
    expect(new Set(sessions.map((session) => keyOf(session, keys))).size).toBe(4);
  });
});

test("a route with one place has nowhere else to go, and its failure is remembered", () => {
  const health = createHealth();
  const itinerary = itineraryFor("haiku", { health });
  const { first } = itinerary;
  expect([nameOf(first), itinerary.isDirect]).toEqual(["b@n", true]);
  expect([itinerary.limitOf(first), itinerary.hasSpareKey(first), itinerary.pass()]).toEqual([
    undefined,
    false,
    undefined,
  ]);
  expect([itinerary.leave(first, down), health.isRested(first)]).toEqual([undefined, false]);
  expect(nameOf(itineraryFor("haiku", { health }).first)).toBe("b@n");
  itinerary.arrive(first);
  expect(health.isRested(first)).toBe(true);
});
