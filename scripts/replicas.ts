/**
 * Conversations through nginx to several instances, turn by turn, while one instance is killed. An instance keeps
 * nothing of a conversation, so only the streams of the killed one may be lost, each in an error that its client sees;
 * the client asks again, and the conversation goes on. Prints one row of a table; exits 1 on a failure.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { checkStream, foldContent } from "../test/support/grammar.ts";
import { startProgram } from "../test/support/program.ts";
import { findFreePort } from "./find-free-port.ts";

const instances = 3;
const conversations = 30;
const turns = 6;
/** Pieces of an answer, and the time between them, ms. */
const pieces = 12;
const pause = 10;

const chatRequest = z.object({
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
});
type ChatMessages = z.infer<typeof chatRequest>["messages"];

/** What the backend saw of each conversation: the messages of its latest turn. */
const latest = new Map<string, string>();
/** Streams in progress, by instance. */
const open = new Map<string, number>();
let changedHistories = 0;

/** A backend whose answers depend on the whole conversation, and which checks that its history stays the same. */
function startBackend() {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      if (request.method === "GET") return Response.json({ data: [] });
      const { messages } = chatRequest.parse(await request.json());
      checkHistory(messages);
      const instance = request.headers.get("x-instance") ?? "";
      const turn = messages.filter(({ role }) => role === "user").length;
      return new Response(streamTurn(turn, instance), { headers: { "content-type": "text/event-stream" } });
    },
  });
}

function checkHistory(messages: ChatMessages): void {
  const texts = messages.map((message) => JSON.stringify(message));
  const key = texts.find((text) => text.includes("conversation")) ?? "";
  const before = latest.get(key) ?? "";
  const now = texts.join("\n");
  if (!now.startsWith(before)) changedHistories += 1;
  latest.set(key, now);
}

async function* streamTurn(turn: number, instance: string): AsyncGenerator<string> {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  open.set(instance, (open.get(instance) ?? 0) + 1);
  try {
    yield chunk({ reasoning_content: `Thinking of turn ${turn}` });
    for (let piece = 0; piece < pieces; piece += 1) {
      yield chunk({ content: `${turn}.${piece} ` });
      await Bun.sleep(pause);
    }
    yield `${chunk({}, "stop")}data: [DONE]\n\n`;
  } finally {
    open.set(instance, (open.get(instance) ?? 0) - 1);
  }
}

type Instance = {
  readonly name: string;
  readonly port: number;
  kill(signal: NodeJS.Signals): Promise<number>;
};

async function startInstance(name: string, directory: string, backend: string): Promise<Instance> {
  const env = { OPENAI_API_KEY: "any", OPENAI_BASE_URL: backend, CUSTOM_HEADER_X_INSTANCE: name };
  const child = startProgram(["--port", "0", "--log-format", "json"], { cwd: directory, env });
  for await (const bytes of child.stdout) {
    const { port } = z.object({ port: z.number() }).parse(JSON.parse(new TextDecoder().decode(bytes)));
    return {
      name,
      port,
      kill(signal) {
        child.kill(signal);
        return child.exited;
      },
    };
  }
  throw new Error(`Cannot start an instance: ${await child.stderr.text()}`);
}

/** nginx with the site that we recommend, with these servers and a free port. */
async function startNginx(nginx: string, directory: string, ports: readonly number[]) {
  const port = findFreePort();
  const site = readFileSync(join(import.meta.dir, "deploy/nginx.conf"), "utf8")
    .replace("server 127.0.0.1:8082;", ports.map((each) => `server 127.0.0.1:${each};`).join(" "))
    .replace("listen 8080;", `listen 127.0.0.1:${port};`)
    .replace("server_name proxy.example;", "server_name localhost;");
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((what) => `${what}_temp_path ${directory}/${what};`)
    .join(" ");
  const config = join(directory, "nginx.conf");
  writeFileSync(
    config,
    `daemon off; pid ${directory}/nginx.pid; error_log ${directory}/error.log;
events {} http { access_log off; ${paths} ${site} }`,
  );
  const child = Bun.spawn([nginx, "-c", config, "-e", `${directory}/error.log`], { stderr: "ignore" });
  const url = `http://localhost:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    if (
      await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { url, child };
    await Bun.sleep(50);
  }
  child.kill();
  throw new Error("Cannot start nginx: it did not answer within 5 s");
}

type Tally = { done: number; lost: number; silent: number };

/** One conversation; a turn that is lost is asked for again. */
async function converse(url: string, name: string, tally: Tally): Promise<void> {
  const messages: object[] = [];
  for (let turn = 1; turn <= turns; turn += 1) {
    messages.push({ role: "user", content: `conversation ${name}, turn ${turn}` });
    for (let isDone = false; !isDone; ) {
      const content = await ask(url, messages);
      if (content === "lost") tally.lost += 1;
      else {
        const said = JSON.stringify(content);
        const all = Array.from({ length: pieces }, (_, piece) => `${turn}.${piece} `).join("");
        if (!said.includes(all)) tally.silent += 1;
        messages.push({ role: "assistant", content });
        isDone = true;
      }
    }
    tally.done += 1;
  }
}

/** The content of an answer, or that its client was told of a failure, by HTTP or by an `error` event. */
async function ask(url: string, messages: readonly object[]): Promise<object[] | "lost"> {
  let text: string;
  try {
    const response = await fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "claude-sonnet-4-6", max_tokens: 1000, stream: true, messages }),
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok) return "lost";
    text = await response.text();
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "TimeoutError") throw thrown;
    return "lost";
  }
  const events = checkStream(text);
  return events.at(-1)?.type === "error" ? "lost" : foldContent(events);
}

async function main(): Promise<number> {
  const nginx = Bun.which("nginx", { PATH: `${process.env.PATH}:/usr/sbin` });
  if (!nginx) {
    console.log("| replicas | skipped: nginx is not installed | - |");
    return 0;
  }
  const directory = mkdtempSync(join(tmpdir(), "replicas-"));
  const backend = startBackend();
  const url = `${backend.url.origin}/v1`;
  const started = performance.now();
  const running = await Promise.all(
    Array.from({ length: instances }, (_, at) => startInstance(`i${at}`, directory, url)),
  );
  const [victim] = running;
  const front = await startNginx(
    nginx,
    directory,
    running.map(({ port }) => port),
  );
  try {
    const tally: Tally = { done: 0, lost: 0, silent: 0 };
    const talks = Array.from({ length: conversations }, (_, at) => converse(front.url, `c${at}`, tally));
    while (tally.done < (conversations * turns) / 3 || (open.get("i0") ?? 0) === 0) await Bun.sleep(1);
    const atRisk = open.get("i0") ?? 0;
    await victim?.kill("SIGKILL");
    await Promise.all(talks);
    const wanted = conversations * turns;
    // One request may have been on its way to the victim without having reached the backend.
    const isGood =
      tally.done === wanted &&
      tally.silent === 0 &&
      changedHistories === 0 &&
      tally.lost <= atRisk + conversations / 10;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `| replicas | ${instances} behind nginx, ${conversations} conversations × ${turns} turns, 1 killed with ${atRisk} streams | ` +
        `${isGood ? "ok" : "FAILED"}: ${tally.done}/${wanted} turns, ${tally.lost} lost in an error, ` +
        `${tally.silent} cut in silence, ${changedHistories} changed histories, ${seconds} s |`,
    );
    return isGood ? 0 : 1;
  } finally {
    front.child.kill();
    await Promise.all([front.child.exited, ...running.map((one) => one.kill("SIGKILL"))]);
    await backend.stop(true);
    rmSync(directory, { recursive: true, force: true });
  }
}

process.exit(await main());
