/** The alerts and the dashboard of `scripts/deploy` ask for metrics that there are. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { answerMetrics } from "../../src/routes/metrics.ts";
import { parseExposition } from "../support/parse-exposition.ts";
import { contextFor, servicesFor } from "../support/services.ts";

const pathOf = (name: string) => join(import.meta.dir, "../../scripts/deploy", name);
const read = (name: string) => readFileSync(pathOf(name), "utf8");

async function listMetrics(): Promise<Set<string>> {
  const answer = await answerMetrics(contextFor("/metrics"), servicesFor([]));
  const text = await answer.text();
  const names = [...parseExposition(text, "prometheus").values()].flatMap(({ name, type }) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names);
}

const rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })).min(1) })).min(1),
});
const dashboard = z.object({
  panels: z.array(z.object({ id: z.number(), targets: z.array(z.object({ expr: z.string() })).min(1) })),
});

test.each([
  ["prometheus-rules.yaml", () => exprsOfRules()],
  ["grafana-dashboard.json", () => exprsOfPanels()],
])("%s asks for nothing else", async (_, list) => {
  const known = await listMetrics();
  const asked = list().flatMap((expr) => expr.match(/\b(?:gen_ai_client|claude_code_proxy)_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
});

function exprsOfRules(): string[] {
  const { groups } = rules.parse(Bun.YAML.parse(read("prometheus-rules.yaml")));
  return groups.flatMap((group) => group.rules.map(({ expr }) => expr));
}

function exprsOfPanels(): string[] {
  const { panels } = dashboard.parse(JSON.parse(read("grafana-dashboard.json")));
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

const promtool = Bun.which("promtool");

test.skipIf(promtool === null)("promtool accepts the rules", () => {
  const { exitCode, stdout, stderr } = Bun.spawnSync([
    promtool ?? "",
    "check",
    "rules",
    pathOf("prometheus-rules.yaml"),
  ]);
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  expect(stdout.toString()).toContain("SUCCESS");
});
