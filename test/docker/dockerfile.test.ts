import { expect, test } from "bun:test";
import { join } from "node:path";
import { YAML } from "bun";
import manifest from "../../package.json" with { type: "json" };

const read = (name: string) => Bun.file(join(import.meta.dir, "../../scripts/docker", name)).text();

test("the image is built with the pinned Bun, and does not run as root", async () => {
  const dockerfile = await read("Dockerfile");
  expect(dockerfile).toContain(`FROM oven/${manifest.packageManager.replace("@", ":")}-alpine AS build\n`);
  expect(dockerfile).toMatch(/^USER [1-9]\d+:[1-9]\d+$/m);
  expect(dockerfile).toContain("/health");
});

test("compose publishes on loopback only", async () => {
  const { services } = YAML.parse(await read("compose.yaml")) as { services: { proxy: { ports: string[] } } };
  for (const port of services.proxy.ports) expect(port).toStartWith("127.0.0.1:");
});
