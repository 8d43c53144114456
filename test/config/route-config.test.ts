import { expect, test } from "bun:test";
import { findUnknownBackends, readRouteKey, readTarget } from "../../src/config/route-config.ts";

test("a target is a backend and a model, which may contain @", () => {
  expect(readTarget("local@qwen3-coder")).toEqual({ backend: "local", model: "qwen3-coder" });
  expect(readTarget("local@a@b")).toEqual({ backend: "local", model: "a@b" });
  for (const text of ["local", "local@", "@model", "", "a b@c"]) expect(readTarget(text)).toBeUndefined();
});

test("the key of a route says what it is for", () => {
  expect(readRouteKey("haiku")).toEqual({ kind: "tier", tier: "small" });
  expect(readRouteKey("compaction")).toEqual({ kind: "class", name: "compaction" });
  expect(readRouteKey("agent:Explore")).toEqual({ kind: "agent", pattern: "Explore" });
  expect(readRouteKey("gpt-*")).toEqual({ kind: "name", pattern: "gpt-*" });
  expect(readRouteKey("default")).toEqual({ kind: "default" });
  // A property that every object has is a name like any other.
  expect(readRouteKey("constructor")).toEqual({ kind: "name", pattern: "constructor" });
});

test("a backend that is not configured is a problem, with the nearest name", () => {
  const route = {
    when: readRouteKey("opus"),
    key: "opus",
    targets: [
      { backend: "routr", model: "m" },
      { backend: "zzzzzz", model: "m" },
    ],
    firstTokenTimeout: undefined,
    place: "c.toml, line 3: routes.opus",
  };
  expect(findUnknownBackends([route], ["router", "local"])).toEqual([
    "c.toml, line 3: routes.opus: there is no backend routr; did you mean router?",
    "c.toml, line 3: routes.opus: there is no backend zzzzzz; there are router, local",
  ]);
});
