/** `./scripts/write-readme`: brings the tables of the README up to date. */
import { join } from "node:path";
import { writeTables } from "./readme/write-tables.ts";
import { runScript } from "./shipping/run-script.ts";

const path = join(import.meta.dir, "..", "README.md");

await runScript(async () => {
  await Bun.write(path, writeTables(await Bun.file(path).text()));
});
