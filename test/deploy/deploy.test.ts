/** The recipes of `scripts/deploy` match the program that they start. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { findVariable } from "../../src/config/variables.ts";
import { findRoute } from "../../src/routes/endpoints.ts";

const read = (name: string) => readFileSync(join(import.meta.dir, "../../scripts/deploy", name), "utf8");
const which = (name: string) => Bun.which(name, { PATH: `${process.env.PATH}:/usr/sbin` });

/** Runs a checker on a file in a directory of its own. @returns the exit code and what it said */
function check(
  files: Readonly<Record<string, string>>,
  command: (path: (name: string) => string) => string[],
) {
  const directory = mkdtempSync(join(tmpdir(), "deploy-"));
  const path = (name: string) => join(directory, name);
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
  const { exitCode, stderr } = Bun.spawnSync(command(path));
  rmSync(directory, { recursive: true });
  return { exitCode, said: stderr.toString() };
}

describe("Kubernetes", () => {
  const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal("http") }) });
  const deployment = z.object({
    kind: z.literal("Deployment"),
    spec: z.object({
      template: z.object({
        metadata: z.object({ labels: z.record(z.string(), z.string()) }),
        spec: z.object({
          terminationGracePeriodSeconds: z.number(),
          automountServiceAccountToken: z.literal(false),
          securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.number().min(1) }),
          containers: z.tuple([
            z.object({
              env: z.array(z.object({ name: z.string(), value: z.string() })),
              ports: z.tuple([z.object({ name: z.literal("http"), containerPort: z.number() })]),
              startupProbe: probe,
              livenessProbe: probe,
              readinessProbe: probe,
              lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }),
              resources: z.object({ requests: z.object({}).loose(), limits: z.object({}).loose() }),
              securityContext: z.object({
                allowPrivilegeEscalation: z.literal(false),
                readOnlyRootFilesystem: z.literal(true),
                capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
              }),
            }),
          ]),
        }),
      }),
    }),
  });
  const parts = z.array(z.looseObject({ kind: z.string() })).parse(Bun.YAML.parse(read("kubernetes.yaml")));
  const { template } = deployment.parse(parts[0]).spec;
  const [container] = template.spec.containers;

  test("probes ask for what exists and needs no key", () => {
    for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect(findRoute("GET", httpGet.path).open).toBe(true);
    expect(container.readinessProbe.httpGet.path).toBe("/ready");
    expect(container.livenessProbe.httpGet.path).toBe("/health");
  });

  test("sets variables that exist, and the port of the image", () => {
    for (const { name } of container.env) expect([name, findVariable(name)?.name]).toEqual([name, name]);
    expect(read("../docker/Dockerfile")).toContain(`PORT=${container.ports[0].containerPort}`);
  });

  test("gives answers their time to finish before the pod is killed", () => {
    const grace = Number(container.env.find(({ name }) => name === "SHUTDOWN_GRACE")?.value);
    const { seconds } = container.lifecycle.preStop.sleep;
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(seconds + grace);
  });

  test("the service and the budget select the pods", () => {
    const selectors = JSON.stringify(template.metadata.labels);
    for (const kind of ["Service", "PodDisruptionBudget"])
      expect(JSON.stringify(parts.find((part) => part.kind === kind))).toContain(selectors);
  });
});

describe("systemd", () => {
  const unit = read("claude-code-proxy.service");

  test("gives answers their time to finish, and does not repeat what cannot work", () => {
    const grace = Number(findVariable("SHUTDOWN_GRACE")?.fallback);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(grace);
    expect(unit).toContain("RestartPreventExitStatus=78");
  });

  const analyze = which("systemd-analyze");
  test.skipIf(!analyze)("accepts the unit", () => {
    const here = unit.replace("/usr/local/bin/claude-code-proxy", process.execPath);
    const command = (path: (name: string) => string) => [analyze ?? "", "verify", path("proxy.service")];
    expect(check({ "proxy.service": here }, command)).toEqual({ exitCode: 0, said: "" });
  });
});

describe("nginx", () => {
  const site = read("nginx.conf");

  test("buffers nothing, and waits longer than for a ping", () => {
    expect(site).toContain("proxy_buffering off;");
    expect(Number(/proxy_read_timeout (\d+)s/.exec(site)?.[1])).toBeGreaterThan(15);
  });

  const nginx = which("nginx");
  test.skipIf(!nginx)("accepts the site", () => {
    const command = (path: (name: string) => string) => {
      writeFileSync(
        path("main.conf"),
        `pid ${path("pid")}; error_log stderr; events {} http { access_log off; include ${path("site.conf")}; }`,
      );
      return [nginx ?? "", "-t", "-q", "-c", path("main.conf")];
    };
    expect(check({ "site.conf": site }, command).exitCode).toBe(0);
  });
});
