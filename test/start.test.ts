import { expect, test } from "bun:test";
import { join } from "node:path";

/**
 * Modules that would cost every start memory and time: most load Node's streams, and `fs`, `os` and `path` are of no
 * use before there is a file to read.
 */
const heavy = "crypto fs http https net os path readline stream tls tty util zlib".split(" ");

/** What a start imports when it gets there. */
const stages = [
  "main.ts",
  "config/read-config.ts",
  "config/find-env-file.ts",
  "config/find-config-file.ts",
  "commands/choose-workers.ts",
  "commands/serve.ts",
];

test("a proxy starts without the heavy modules of Node", async () => {
  const { metafile } = await Bun.build({
    entrypoints: [join(import.meta.dir, "../src/main.ts")],
    target: "bun",
    metafile: true,
  });
  const modules = new Map(Object.entries(metafile?.inputs ?? {}));
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of modules.get(path)?.imports ?? [])
      if (kind === "import-statement") load(next);
  };
  for (const path of modules.keys()) if (stages.some((stage) => path.endsWith(`src/${stage}`))) load(path);
  expect([...loaded].some((path) => path.endsWith("src/guard.ts"))).toBe(true);
  expect([...loaded].filter((path) => heavy.includes(path.replace(/^node:/, "")))).toEqual([]);
});
