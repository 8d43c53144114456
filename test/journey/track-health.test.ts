import { describe, expect, test } from "bun:test";
import { type ErrorDetails, type ErrorKind, ProxyError } from "../../src/errors.ts";
import { createHealth } from "../../src/journey/track-health.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { configWith } from "../support/routing.ts";

const toml = '[backends.a]\nurl = "http://a/v1"\nkeys = ["k1", "k2"]\n[backends.b]\nurl = "http://b/v1"\n';
const { sites } = createRouting(configWith(toml));

function place(backend: "a" | "b", model = "m", key = 0) {
  const site = sites.find(backend);
  if (!site) throw new Error(`There is no site ${backend}`);
  return { step: { site, model }, key };
}

const fault = (kind: ErrorKind, details: ErrorDetails = {}) => new ProxyError(kind, "No", details);

function clock() {
  let time = 0;
  const pass = (ms: number) => {
    time += ms;
  };
  return { health: createHealth(() => time), pass };
}

describe("a failure", () => {
  const scopes: [ErrorKind, rests: string][] = [
    ["unreachable", "a@m#0 a@m#1 a@n#0 a@n#1"],
    ["upstream", "a@m#0 a@m#1"],
    ["not-found", "a@m#0 a@m#1"],
    ["rate-limit", "a@m#0"],
    ["authentication", "a@m#0 a@n#0"],
    ["billing", "a@m#0 a@n#0"],
  ];
  test.each(scopes)("of kind %s rests what it says something about: %s", (kind, rests) => {
    const { health } = clock();
    expect(health.fail(place("a"), fault(kind))).toBe(true);
    const all = (["a", "b"] as const).flatMap((backend) =>
      ["m", "n"].flatMap((model) =>
        [0, 1].map((key) => [`${backend}@${model}#${key}`, place(backend, model, key)] as const),
      ),
    );
    expect(all.flatMap(([name, each]) => (health.isRested(each) ? [] : [name])).join(" ")).toBe(rests);
    expect(health.list()).toEqual([expect.objectContaining({ backend: "a", reason: kind })]);
  });

  test("of the request itself, or of the proxy, rests nothing", () => {
    const { health } = clock();
    for (const kind of ["invalid-request", "prompt-too-long", "internal"] as const)
      expect(health.fail(place("a"), fault(kind))).toBe(false);
    expect(health.fail(place("a"), fault("overloaded", { isOurs: true }))).toBe(false);
    expect(health.isRested(place("a"))).toBe(true);
  });

  test("at a wrong address rests the backend", () => {
    const { health } = clock();
    expect(health.fail(place("a"), fault("wrong-address"))).toBe(true);
    expect(health.isRested(place("a", "other", 1))).toBe(false);
  });

  test("rests as long as the backend asks", () => {
    const { health, pass } = clock();
    health.fail(place("a"), fault("rate-limit", { retryAfter: 100 }));
    pass(99_000);
    expect(health.isRested(place("a"))).toBe(false);
    pass(1001);
    expect(health.isRested(place("a"))).toBe(true);
  });
});

test("when the time is over, one request tries, and its failure doubles the time", () => {
  const { health, pass } = clock();
  health.fail(place("a"), fault("unreachable"));
  pass(15_000);
  expect([health.take(place("a")), health.take(place("a"))]).toEqual([true, false]);
  health.fail(place("a"), fault("unreachable"));
  pass(29_999);
  expect(health.take(place("a"))).toBe(false);
  pass(1);
  expect(health.take(place("a"))).toBe(true);
  health.succeed(place("a"));
  expect([health.take(place("a")), health.take(place("a"))]).toEqual([true, true]);
  expect(health.list()).toEqual([]);
});

test("a trial of which nothing comes does not last for ever", () => {
  const { health, pass } = clock();
  health.fail(place("a"), fault("unreachable"));
  pass(15_000);
  expect(health.take(place("a"))).toBe(true);
  pass(30_000);
  expect(health.take(place("a"))).toBe(true);
});

test("settings that have changed begin anew, whatever the last requests with the old ones say", () => {
  const { health } = clock();
  const [old, fresh] = [place("a"), createRouting(configWith(toml)).sites.find("a")];
  if (!fresh) throw new Error("There is no site a");
  const changed = { ...old, step: { ...old.step, site: fresh } };
  health.fail(old, fault("authentication"));
  health.retire(old.step.site);
  expect(health.list()).toEqual([]);
  expect(health.fail(old, fault("authentication"))).toBe(true);
  expect(health.isRested(changed)).toBe(true);
  health.fail(changed, fault("unreachable"));
  health.succeed(old);
  expect(health.isRested(changed)).toBe(false);
});

test("a clock that is set back ends a rest, instead of making it last", () => {
  const { health, pass } = clock();
  health.fail(place("a"), fault("unreachable"));
  expect(health.isRested(place("a"))).toBe(false);
  pass(-3_600_000);
  expect(health.isRested(place("a"))).toBe(true);
  expect(health.list()).toEqual([]);
});

test("names of models that clients invent do not fill the memory", () => {
  const { health } = clock();
  for (let number = 0; number < 5000; number += 1) health.fail(place("a", `m${number}`), fault("not-found"));
  expect(health.list().length).toBeLessThan(4200);
});
