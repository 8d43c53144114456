/**
 * `./scripts/bench`: the proxy against a pass-through and against the least translating proxy, in one run: all sit
 * between the same load and the same fake backend, and take turns round by round. Read the ratios; absolute numbers
 * say little on a shared machine.
 */
import { parseArgs } from "node:util";
import { burstChunks, makeRequest, pacedChunks, readDelays, type Workload } from "./benchmark/workloads.ts";
import { runScript } from "./shipping/run-script.ts";

const usage = `Usage: ./scripts/bench [--rounds N] [--quick] [--program PATH]

Prints a table. --quick takes one small round, in less than a minute. --program measures a built program instead of
the sources.`;

type Target = {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};
type Running = { readonly url: string; readonly process: Bun.Subprocess; readonly startedIn: number };

type Measure = {
  readonly name: string;
  readonly unit: string;
  /** @param scale 1, or less for a quick run */
  readonly run: (target: Running, scale: number) => Promise<number>;
};

async function start({ name, command, env }: Target): Promise<Running> {
  const begin = performance.now();
  const child = Bun.spawn([...command], {
    stdout: "pipe",
    stderr: "ignore",
    env: { PATH: process.env.PATH ?? "", BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", ...env },
  });
  const decoder = new TextDecoder();
  let said = "";
  for await (const bytes of child.stdout) {
    said += decoder.decode(bytes);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
    if (!url) continue;
    await (await fetch(`${url}/health`)).text();
    return { url, process: child, startedIn: performance.now() - begin };
  }
  throw new Error(`Cannot start ${name}: it ended without printing its address`);
}

/** User and system time of a process so far, ms; Linux counts it in hundredths of a second. */
async function cpuOf({ process: { pid } }: Running): Promise<number> {
  const stat = await Bun.file(`/proc/${pid}/stat`).text();
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory, MB. */
async function memoryOf({ process: { pid } }: Running): Promise<number> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]) / 1000;
}

/**
 * One message.
 * @param see is given every part of the answer when it arrives
 * @returns ms to the first bytes of the answer
 * @throws Error if the answer is not whole
 */
async function ask({ url }: Running, body: string, see?: (part: Uint8Array) => void): Promise<number> {
  const begin = performance.now();
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/v1/messages`, { method: "POST", headers, body });
  const reader = response.body?.getReader();
  let first: number | undefined;
  let size = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    first ??= performance.now() - begin;
    size += part.value.length;
    see?.(part.value);
  }
  if (response.status !== 200 || first === undefined || size < 300)
    throw new Error(`Cannot measure: the answer is ${response.status}, with ${size} bytes`);
  return first;
}

const askAtOnce = (target: Running, body: string, count: number, see?: (part: Uint8Array) => void) =>
  Promise.all(Array.from({ length: count }, () => ask(target, body, see)));

const streams = (name: string, model: Workload, chunks: number, width: number, repeats: number): Measure => ({
  name,
  unit: "µs",
  async run(target, scale) {
    const body = makeRequest(model, 1000);
    const times = Math.ceil(repeats * scale);
    const before = await cpuOf(target);
    for (let i = 0; i < times; i++) await askAtOnce(target, body, width);
    return (((await cpuOf(target)) - before) * 1000) / (times * width * chunks);
  },
});

const firstEvent = (name: string, size: number, repeats: number): Measure => ({
  name: `first event, ${name}`,
  unit: "ms",
  async run(target, scale) {
    const body = makeRequest("text", size);
    const times: number[] = [];
    for (let i = 0; i < Math.ceil(repeats * scale); i++) times.push(await ask(target, body));
    return median(times);
  },
});

const measures: readonly Measure[] = [
  streams("CPU a chunk, burst", "text", burstChunks, 8, 25),
  streams("CPU a chunk, 16 in a write", "sixteen", burstChunks, 8, 25),
  streams("CPU a chunk, tool calls", "tools", burstChunks, 8, 25),
  streams("CPU a chunk, paced", "paced", pacedChunks, 100, 1),
  {
    name: "delivery, paced, p99",
    unit: "ms",
    async run(target) {
      const delays: number[] = [];
      const utf8 = new TextDecoder();
      await askAtOnce(target, makeRequest("paced", 1000), 100, (part) => {
        for (const delay of readDelays(utf8.decode(part))) delays.push(delay);
      });
      return delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? Number.NaN;
    },
  },
  firstEvent("1 KB", 1000, 60),
  firstEvent("130 KB", 130_000, 40),
  firstEvent("5 MB, pictures", 5_000_000, 5),
  {
    name: "CPU a request, 130 KB",
    unit: "ms",
    async run(target, scale) {
      const body = makeRequest("text", 130_000, false);
      const times = Math.ceil(100 * scale);
      const before = await cpuOf(target);
      for (let i = 0; i < times; i++) await ask(target, body);
      return ((await cpuOf(target)) - before) / times;
    },
  },
  {
    name: "CPU a JSON answer, at 32",
    unit: "ms",
    async run(target, scale) {
      const times = Math.ceil(20 * scale);
      const before = await cpuOf(target);
      for (let i = 0; i < times; i++) await askAtOnce(target, makeRequest("text", 1000, false), 32);
      return ((await cpuOf(target)) - before) / (times * 32);
    },
  },
  {
    name: "JSON answers, at 32",
    unit: "a second",
    async run(target, scale) {
      const times = Math.ceil(20 * scale);
      const begin = performance.now();
      for (let i = 0; i < times; i++) await askAtOnce(target, makeRequest("text", 1000, false), 32);
      return (times * 32 * 1000) / (performance.now() - begin);
    },
  },
  {
    name: "1,000 streams of 1 s",
    unit: "s",
    async run(target) {
      const begin = performance.now();
      await askAtOnce(target, makeRequest("paced", 1000), 1000);
      return (performance.now() - begin) / 1000;
    },
  },
  { name: "memory after them", unit: "MB", run: memoryOf },
];

/** Starts, each in a process of its own that ends again. */
async function measureStarts(targets: readonly Target[], rounds: number): Promise<void> {
  const times = targets.map((): number[] => []);
  const memory = targets.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, target] of targets.entries()) {
      const running = await start(target);
      await Bun.sleep(300);
      times[i]?.push(running.startedIn);
      memory[i]?.push(await memoryOf(running));
      running.process.kill();
      await running.process.exited;
    }
  printRow("start to first answer", "ms", times.map(median));
  printRow("memory, idle", "MB", memory.map(median));
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function printRow(name: string, unit: string, [pass = 0, floor = 0, ours = 0]: readonly number[]): void {
  const cells = [pass, floor, ours, ours / floor].map((value) => value.toFixed(2).padStart(12));
  console.log(`${`${name}, ${unit}`.padEnd(30)}${cells.join("")}`);
}

async function main(words: string[]): Promise<void> {
  const { values } = parseArgs({
    args: words,
    options: {
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      program: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  const script = (name: string) => [process.execPath, `${import.meta.dir}/benchmark/${name}.ts`];
  const backend = await start({ name: "backend", command: script("backend"), env: {} });
  const env = { BACKEND: backend.url };
  const program = values.program ? [values.program] : [process.execPath, `${import.meta.dir}/../src/main.ts`];
  const targets: readonly Target[] = [
    { name: "pass-through", command: script("pass-through"), env },
    { name: "floor", command: script("floor"), env },
    {
      name: "proxy",
      command: [...program, "--port", "0", "--log-level", "ERROR"],
      env: { HOME: "/nonexistent", OPENAI_API_KEY: "bench", OPENAI_BASE_URL: `${backend.url}/v1` },
    },
  ];
  const titles = [...targets.map(({ name }) => name), "× floor"].map((title) => title.padStart(12));
  console.log(" ".repeat(30) + titles.join(""));
  const running: Running[] = [];
  try {
    await measureStarts(targets, rounds);
    for (const target of targets) running.push(await start(target));
    for (const target of running) await measures[0]?.run(target, 0.5);
    for (const { name, unit, run } of measures) {
      const results = running.map((): number[] => []);
      for (let round = 0; round < rounds; round++)
        for (const [i, target] of running.entries())
          results[i]?.push(await run(target, values.quick ? 0.6 : 1));
      printRow(name, unit, results.map(median));
    }
  } finally {
    for (const target of [backend, ...running]) target.process.kill();
  }
}

await runScript(main);
