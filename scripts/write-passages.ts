/**
 * Reads the system prompts that real versions of Claude Code send, and adds the fingerprints of their passages to
 * `src/catalog/claude-code/passages.ts`; those of other versions stay. `./scripts/write-passages --version 2.1.332`.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { fingerprintPassage } from "../src/adapt/system-prompt/find-own-passages.ts";
import { splitPrompt } from "../src/adapt/system-prompt/split-prompt.ts";
import { messagesRequest } from "../src/anthropic/wire.ts";
import { identityLength, isBillingHeader, knownPassages } from "../src/catalog/claude-code/claude-code.ts";
import { installCli } from "./claude-code/install-cli.ts";

const root = `${import.meta.dir}/..`;
const file = `${root}/src/catalog/claude-code/passages.ts`;

/** Names that the client knows and one that it does not: each edition of its prompt, in both ways to run it. */
const models = ["claude-sonnet-5", "claude-opus-4-8", "claude-haiku-4-5", "some-model"];

/** Rules on what was pasted and what is private protect the user. No guide of ours replaces them. */
const protectsUser = /pasted_content|as private\b/;

/** How long a client may take until its first request, ms. */
const limitMs = 30_000;

async function readPrompt(program: string, model: string, isInteractive: boolean): Promise<string[]> {
  const home = mkdtempSync(`${tmpdir()}/passages-`);
  const work = `${home}/work`;
  mkdirSync(work);
  await Bun.$`git init -q ${work}`.quiet();
  const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
  const settings = {
    hasCompletedOnboarding: true,
    theme: "dark",
    projects: { [work]: project },
    customApiKeyResponses: { approved: ["sk-none"], rejected: [] },
  };
  await Bun.write(`${home}/.claude.json`, JSON.stringify(settings));
  const heard = Promise.withResolvers<string[]>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = messagesRequest.safeParse(await request.json().catch(() => undefined));
      const { system, tools } = body.data ?? {};
      if (tools && tools.length > 1) heard.resolve((system ?? []).map(({ text }) => text));
      const error = { type: "invalid_request_error", message: "Nothing is answered here" };
      return Response.json({ type: "error", error }, { status: 400 });
    },
  });
  const call = `'${program}' --model ${model}${isInteractive ? "" : " -p"} Hello`;
  const child = Bun.spawn(isInteractive ? ["script", "-qfec", call, "/dev/null"] : ["sh", "-c", call], {
    cwd: work,
    env: {
      PATH: process.env.PATH ?? "/usr/bin:/bin",
      HOME: home,
      TERM: "xterm-256color",
      ANTHROPIC_BASE_URL: server.url.href,
      ANTHROPIC_API_KEY: "sk-none",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    },
    stdin: isInteractive ? "pipe" : "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const late = setTimeout(() => heard.reject(new Error(`${program} asked nothing for ${model}`)), limitMs);
  try {
    return await heard.promise;
  } finally {
    clearTimeout(late);
    child.kill();
    await child.exited;
    await server.stop(true);
    rmSync(home, { recursive: true, force: true });
  }
}

/** The passages of the client's own parts; what says who it is stays, and what is context is nobody's to recognize. */
function passagesOf(texts: readonly string[]): string[] {
  return texts
    .filter((text) => !isBillingHeader(text) && text.length > identityLength)
    .flatMap((text) => splitPrompt(text))
    .filter(({ treatment, text }) => treatment !== "keep" && !protectsUser.test(text))
    .map(({ text }) => fingerprintPassage(text));
}

const write = (versions: readonly string[], known: ReadonlySet<string>): string => `/**
 * Fingerprints of the passages of Claude Code's system prompt, as \`adapt/system-prompt/find-own-passages.ts\` makes
 * them: none of its words. Written by \`scripts/write-passages\`, which read ${versions.join(" and ")}.
 */
const fingerprints = \`
${[...known]
  .sort()
  .join(" ")
  .replace(/(.{1,109})(?: |$)/g, "$1\n")}\`;

export const knownPassages: ReadonlySet<string> = new Set(fingerprints.trim().split(/\\s+/));
`;

const { values } = parseArgs({ options: { version: { type: "string", multiple: true } } });
const versions = values.version ?? ["2.1.197", "2.1.332"];
const known = new Set(knownPassages);
for (const version of versions) {
  const program = await installCli(version, `${root}/.tools`);
  for (const model of models) {
    for (const isInteractive of [false, true]) {
      const passages = passagesOf(await readPrompt(program, model, isInteractive));
      const news = passages.filter((passage) => !known.has(passage));
      for (const passage of news) known.add(passage);
      console.log(`${version} ${model}: ${passages.length} passages, ${news.length} new`);
    }
  }
}
await Bun.write(file, write(versions, known));
