import { expect, test } from "bun:test";
import { join } from "node:path";

/** Modules that cost megabytes of every start, because they load Node's streams, or as much. */
const heavy = ["crypto", "http", "https", "net", "readline", "stream", "tls", "tty", "util", "zlib"];

test("a proxy starts without the heavy modules of Node", async () => {
  const { metafile } = await Bun.build({
    entrypoints: [join(import.meta.dir, "../src/commands/serve.ts")],
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
  for (const path of modules.keys()) if (path.endsWith("src/commands/serve.ts")) load(path);
  expect([...loaded].some((path) => path.endsWith("src/guard.ts"))).toBe(true);
  expect([...loaded].filter((path) => heavy.includes(path.replace(/^node:/, "")))).toEqual([]);
});
