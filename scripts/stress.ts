/**
 * Attacks a proxy on this machine, and prints a table: test, load, result. Each attack has 60 seconds and a proxy of
 * its own. `./scripts/stress [name …]` runs only those whose names contain one of the words.
 */
import { type Attack, openScene } from "./attacks/attack.ts";
import { growth } from "./attacks/growth.ts";
import { hostileBackends } from "./attacks/hostile-backends.ts";
import { hostileDocuments } from "./attacks/hostile-documents.ts";
import { hostileRequests } from "./attacks/hostile-requests.ts";
import { slowReaders } from "./attacks/slow-readers.ts";

const maxSeconds = 60;
const words = process.argv.slice(2);
const attacks = [...hostileRequests, ...hostileBackends, ...hostileDocuments, ...slowReaders, growth].filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
const settings = { PROMPT_COMPRESSION: "compact", MAX_BODY_MEMORY: "256" };

type Row = {
  readonly attack: Attack;
  readonly result: string;
  readonly seconds: number;
  readonly failed: boolean;
};

async function run(attack: Attack): Promise<Row> {
  const started = performance.now();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It took more than ${maxSeconds} s`)), maxSeconds * 1000);
  const done = (result: string, failed: boolean) => ({
    attack,
    result,
    failed,
    seconds: (performance.now() - started) / 1000,
  });
  try {
    await using scene = await openScene(settings);
    return done(await Promise.race([attack.run(scene), late]), false);
  } catch (thrown) {
    return done(thrown instanceof Error ? thrown.message : String(thrown), true);
  } finally {
    clearTimeout(timer);
  }
}

const rows: Row[] = [];
for (const attack of attacks) {
  const row = await run(attack);
  rows.push(row);
  console.error(`${row.failed ? "FAILED" : "passed"} ${attack.name} (${row.seconds.toFixed(1)} s)`);
}
console.log("\n| test | load | result | s |\n| --- | --- | --- | --- |");
for (const { attack, result, seconds, failed } of rows)
  console.log(
    `| ${attack.name} | ${attack.load} | ${failed ? "FAILED: " : ""}${result} | ${seconds.toFixed(1)} |`,
  );
process.exit(rows.length === 0 || rows.some(({ failed }) => failed) ? 1 : 0);
