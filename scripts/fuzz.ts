/**
 * Throws generated input at the readers and writers of untrusted bytes, for a number of seconds, or for a number of runs
 * of one target. A failure is shrunk and printed with its seed; added to `test/fixtures/fuzz.json`, it is tested for
 * ever after.
 */
import { parseArgs } from "node:util";
import { type FuzzTarget, fuzzTargets } from "../test/support/fuzz-targets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: "string" }, runs: { type: "string" }, seed: { type: "string" } },
});

const batch = 500;
const targets = fuzzTargets.filter(({ name }) => values.target === undefined || name === values.target);
if (targets.length === 0) {
  console.error(
    `There is no target "${values.target}"; there are ${fuzzTargets.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}
const seconds = Number(positionals[0] ?? 60);
const maxRuns = values.runs === undefined ? Number.POSITIVE_INFINITY : Number(values.runs);
let seed = values.seed === undefined ? Date.now() % 0x7fffffff : Number(values.seed);

const started = performance.now();
const elapsed = () => (performance.now() - started) / 1000;
const runs = new Map(targets.map((target) => [target, 0]));
const hasTime = () => (values.runs === undefined ? elapsed() < seconds : true);

let failures = 0;
for (let open: readonly FuzzTarget[] = targets; open.length > 0 && hasTime(); ) {
  for (const target of open) if (!fuzz(target)) failures += 1;
  open = open.filter((target) => (runs.get(target) ?? 0) < maxRuns);
  if (failures > 0) break;
}
for (const [{ name, about }, count] of runs)
  console.log(`${name.padEnd(15)} ${String(count).padStart(9)} runs  ${about}`);
console.log(`${elapsed().toFixed(0)} s, ${failures} failures`);
process.exitCode = failures > 0 ? 1 : 0;

/** One batch; returns whether everything held. */
function fuzz(target: FuzzTarget): boolean {
  seed = (seed + 1) % 0x7fffffff;
  const result = target.run({ seed, numRuns: batch });
  runs.set(target, (runs.get(target) ?? 0) + result.numRuns);
  if (!result.failed) return true;
  console.error(`${target.name}: ${String(result.errorInstance)}\n${show(result.counterexample)}`);
  console.error(
    `Add this to test/fixtures/fuzz.json: ${JSON.stringify({ target: target.name, seed, path: result.counterexamplePath })}`,
  );
  return false;
}

/** The input that failed, as text where it is bytes. */
function show(counterexample: unknown): string {
  return JSON.stringify(
    counterexample,
    (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value),
    1,
  ).slice(0, 4000);
}
