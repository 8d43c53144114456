/**
 * Measures the proxy against a raw pass-through in the same run: both sit between the same load and the same fake
 * backend, take turns round by round, and are compared as ratios of medians. Absolute numbers say little on a shared
 * machine. `./scripts/bench [--rounds N]`; a round takes about two seconds.
 */
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    role: { type: "string" },
    upstream: { type: "string" },
  },
});

const chunksPerStream = 400;
const chunk = (content: string) =>
  `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1, model: "bench", system_fingerprint: "fp_bench", choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }] })}\n\n`;
const ending = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\ndata: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 } })}\n\ndata: [DONE]\n\n`;

/** Streams chunks in a burst, or one every few ms if the request's model says so. */
function serveBackend(): void {
  const utf8 = new TextEncoder();
  const burst = utf8.encode(
    Array.from({ length: chunksPerStream }, (_, i) => chunk(`word ${i} "é" `)).join("") + ending,
  );
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      if (!request.url.endsWith("/chat/completions")) return Response.json({ data: [] });
      const { model } = JSON.parse(await request.text());
      const headers = { "content-type": "text/event-stream" };
      if (!String(model).includes("paced")) return new Response(burst, { headers });
      const paced = async function* () {
        for (let i = 0; i < 50; i++) {
          yield utf8.encode(chunk(`word ${i} "é" `));
          await Bun.sleep(20);
        }
        yield utf8.encode(ending);
      };
      return new Response(paced(), { headers });
    },
  });
  console.log(server.url.origin);
}

/** The minimum that a proxy can do: copy bytes. */
function servePassThrough(upstream: string): void {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const answer = await fetch(`${upstream}/v1/chat/completions`, {
        method: "POST",
        body: await request.text(),
        signal: request.signal,
      });
      return new Response(answer.body, { headers: { "content-type": "text/event-stream" } });
    },
  });
  console.log(server.url.origin);
}

type Target = { readonly name: string; readonly url: string; readonly process: Bun.Subprocess };

async function start(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Target> {
  const child = Bun.spawn([process.execPath, ...args], {
    stdout: "pipe",
    stderr: "ignore",
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  const decoder = new TextDecoder();
  let said = "";
  for await (const bytes of child.stdout) {
    said += decoder.decode(bytes);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
    if (url) return { name, url, process: child };
  }
  throw new Error(`Cannot start ${name}: it ended without printing its address`);
}

/** User and system time of a process so far, ms; Linux counts it in hundredths of a second. */
async function cpuOf(target: Target): Promise<number> {
  const stat = await Bun.file(`/proc/${target.process.pid}/stat`).text();
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const question = (model: string, size: number) =>
  JSON.stringify({
    model,
    max_tokens: 1000,
    stream: true,
    messages: [{ role: "user", content: "x".repeat(size) }],
  });

async function ask(target: Target, body: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(`${target.url}/v1/messages`, { method: "POST", body });
  const reader = response.body?.getReader();
  await reader?.read();
  const first = performance.now() - started;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read());
  return first;
}

type Measure = {
  readonly name: string;
  readonly unit: string;
  readonly run: (target: Target) => Promise<number>;
};

const measures: readonly Measure[] = [
  {
    name: "CPU per chunk, burst",
    unit: "µs",
    async run(target) {
      const before = await cpuOf(target);
      for (let i = 0; i < 25; i++)
        await Promise.all(Array.from({ length: 8 }, () => ask(target, question("burst", 10))));
      return (((await cpuOf(target)) - before) * 1000) / (25 * 8 * chunksPerStream);
    },
  },
  {
    name: "CPU per chunk, paced",
    unit: "µs",
    async run(target) {
      const before = await cpuOf(target);
      await Promise.all(Array.from({ length: 60 }, () => ask(target, question("paced", 10))));
      return (((await cpuOf(target)) - before) * 1000) / (60 * 50);
    },
  },
  ...[1_000, 130_000].map((size) => ({
    name: `first event, ${size / 1000} KB`,
    unit: "ms",
    async run(target: Target) {
      const times: number[] = [];
      for (let i = 0; i < 40; i++) times.push(await ask(target, question("burst", size)));
      return median(times);
    },
  })),
];

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function compare(): Promise<void> {
  const backend = await start("backend", [import.meta.path, "--role", "backend"]);
  const targets = [
    await start("pass-through", [import.meta.path, "--role", "pass-through", "--upstream", backend.url]),
    await start("proxy", [`${import.meta.dir}/../src/main.ts`, "--port", "0", "--log-level", "ERROR"], {
      OPENAI_API_KEY: "bench",
      OPENAI_BASE_URL: `${backend.url}/v1`,
    }),
  ];
  try {
    for (const target of targets) await measures[0]?.run(target);
    for (const { name, unit, run } of measures) {
      const results = targets.map((): number[] => []);
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const [i, target] of targets.entries()) results[i]?.push(await run(target));
      }
      const [raw = Number.NaN, ours = Number.NaN] = results.map(median);
      console.log(
        `${name.padEnd(22)} pass-through ${raw.toFixed(2)} ${unit}, proxy ${ours.toFixed(2)} ${unit}, ratio ${(ours / raw).toFixed(2)}`,
      );
    }
  } finally {
    for (const target of [backend, ...targets]) target.process.kill();
  }
}

if (values.role === "backend") serveBackend();
else if (values.role === "pass-through") servePassThrough(values.upstream ?? "");
else await compare();
