import { expect, test } from "bun:test";
import { checkBackend, isOnly, listTargets } from "../../../src/commands/doctor/check-backends.ts";
import { ProxyError } from "../../../src/errors.ts";
import { createRouting } from "../../../src/plan/create-routing.ts";
import { testConfig } from "../../support/proxy.ts";
import { configWith } from "../../support/routing.ts";

const toml = `
[backends.router]
url = "https://router.example/v1"
[backends.local]
url = "http://localhost:11434/v1"
[routes]
opus = ["router@a", "local@q"]
haiku = "local@q"
"claude-*" = "router@*"
`;

function check(id: string, listed: readonly string[], fault?: ProxyError): string {
  const routing = createRouting(configWith(toml));
  const site = routing.sites.find(id);
  if (!site) throw new Error(`There is no site ${id}`);
  site.catalog.replace(
    listed.map((model) => ({ id: model, contextWindow: 200_000 })),
    0,
  );
  return checkBackend(routing, { site, fault })
    .map(({ state, text, advice }) => [`${state}: ${text}`, advice].filter(Boolean).join("; "))
    .join("\n");
}

test("each backend is checked for the models that routes send there", () => {
  expect(check("local", ["q"])).toContain("q (opus, haiku) has a window of 200,000 tokens");
  expect(check("router", ["b"])).toContain("bad: a (opus, sonnet) is not among the one model");
  expect(check("router", ["b"])).not.toContain("q (");
});

test("advice names what sets the backend's address and key", () => {
  const refused = new ProxyError("upstream", "No", { upstreamStatus: 401 });
  expect(check("router", [], refused)).toContain("check backends.router.keys");
  const gone = new ProxyError("unreachable", "Cannot reach it");
  expect(check("local", [], gone)).toBe(
    "bad: Cannot reach it; check backends.local.url, and that the server runs",
  );
});

test("targets that can be asked for are listed once", () => {
  expect(listTargets(createRouting(configWith(toml)))).toEqual(["router@a", "local@q"]);
  expect([isOnly(configWith(toml)), isOnly(testConfig())]).toEqual([false, true]);
});
