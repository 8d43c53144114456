import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { YAML } from "bun";
import { z } from "zod";
import { writeTables } from "../scripts/readme/write-tables.ts";
import { product } from "../scripts/shipping/description.ts";
import { readArguments } from "../src/commands/read-arguments.ts";
import { parseEnvFile } from "../src/config/parse-env-file.ts";
import { readConfig } from "../src/config/read-config.ts";
import { readConfigFile } from "../src/config/read-config-file.ts";
import { findVariable } from "../src/config/variables.ts";
import { type FakeUpstream, startFakeUpstream, text, upstreamKey } from "./support/fake-upstream.ts";
import { type ReleaseServer, serveRelease, writeProgram } from "./support/installer.ts";
import { programScript } from "./support/program.ts";
import { startProxy } from "./support/proxy.ts";

const root = join(import.meta.dir, "..");
const readme = await Bun.file(join(root, "README.md")).text();

/** The first code block under a heading that contains a text. */
function findBlock(section: string, mark: string): string {
  const part = readme.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  const blocks = [...part.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  const found = blocks.find((code) => code.includes(mark));
  if (!found) throw new Error(`${section} in the README has no block with ${mark}`);
  return found;
}

type Block = { readonly line: number; readonly language: string; readonly code: string };

const blocks: readonly Block[] = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
  ({ index, 1: language = "", 2: code = "" }) => ({
    line: readme.slice(0, index).split("\n").length,
    language,
    code,
  }),
);

type Reader = {
  readonly name: string;
  readonly takes: (block: Block) => boolean;
  readonly judge: (block: Block) => Promise<void>;
};

test("links within the page lead to a heading, and those to files to a file", () => {
  const slugs = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
  const links = [...readme.matchAll(/\]\(([^)]+)\)|src="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image ?? "",
  );
  const lost = links.filter((link) =>
    link.startsWith("#")
      ? !slugs.includes(link.slice(1))
      : !/^https:/.test(link) && !existsSync(join(root, link)),
  );
  expect(links.length).toBeGreaterThan(20);
  expect(lost).toEqual([]);
});

test("every command in the text can be read", () => {
  const commands = [...readme.matchAll(/`claude-code-proxy ([^`\n]+)`/g)].map(([, words = ""]) => words);
  expect(commands.length).toBeGreaterThan(5);
  for (const words of commands) expect(() => readArguments(words.split(" "))).not.toThrow();
});

test("what comes before the reference fits on a few screens, and the reference is folded", () => {
  const lines = readme.split("\n");
  expect(lines.indexOf("## Reference")).toBeLessThan(220);
  expect(readme).toEndWith("\n</details>\n");
});

test("the tables are the program's; ./scripts/write-readme brings them up to date", () => {
  expect(readme).toBe(writeTables(readme));
});

test(".env.example sets existing variables, and is valid without its comment signs", async () => {
  const example = await Bun.file(join(root, ".env.example")).text();
  const entries = parseEnvFile(example.replace(/^# (?=[A-Z_]+=)/gm, ""));
  expect(entries.length).toBeGreaterThan(5);
  for (const { name, problem } of entries)
    expect({ name, known: findVariable(name) !== undefined, problem }).toEqual({
      name,
      known: true,
      problem: undefined,
    });
});

test("links to GitHub lead to this project", () => {
  const [owner = ""] = product.repository.split("/");
  const names = [...readme.matchAll(/(?:github\.com\/|uses: )([\w-]+\/[\w-]+)/g)].map(
    ([, name = ""]) => name,
  );
  const ours: string[] = [product.repository, product.bucket];
  expect(new Set(names.filter((name) => name.startsWith(`${owner}/`)))).toEqual(new Set(ours));
  expect(findBlock("Install", "brew install")).toBe(
    `brew install ${product.tap.replace("/homebrew-", "/")}/${product.name}\n`,
  );
});

describe.skipIf(process.platform === "win32")("every code block works", () => {
  let home: string;
  let upstream: FakeUpstream;
  let server: ReleaseServer;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "recipe-"));
    mkdirSync(join(home, "bin"));
    upstream = await startFakeUpstream(text("Looks good."));
    server = await serveRelease(() => programScript);
    server.assets.set("/latest/install.sh", new Response(server.installer));
    put("npm", "exit 0");
    put("curl", findGitHubOnLoopback(server.url));
    put("claude", askOnce);
  });
  afterEach(async () => {
    await Promise.all([upstream.close(), server.stop()]);
    rmSync(home, { recursive: true, force: true });
  });

  const put = (name: string, script: string) => writeProgram(join(home, "bin", name), script);
  const realCurl = `'${Bun.which("curl")}'`;
  const askOnce = `exec ${realCurl} -sS --fail-with-body "$ANTHROPIC_BASE_URL/v1/messages" \\
    -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" -H 'content-type: application/json' \\
    -d '{"model":"claude-sonnet-4-6","max_tokens":64,"messages":[{"role":"user","content":"Hello"}]}'`;

  function findGitHubOnLoopback(url: string): string {
    const releases = `https://github.com/${product.repository}/releases`;
    return `for word; do
      shift
      set -- "$@" "$(echo "$word" |
        sed 's|^${releases}/latest/download|${url}/latest|; s|^${releases}/download|${url}|; s|^=https$|=http|')"
    done
    exec ${realCurl} "$@"`;
  }

  async function run(script: string, env: Readonly<Record<string, string>> = {}) {
    const child = Bun.spawn(["sh", "-e", "-c", script], {
      cwd: home,
      env: {
        PATH: `${join(home, "bin")}:${process.env.PATH}`,
        HOME: home,
        OPENAI_API_KEY: upstreamKey,
        OPENAI_BASE_URL: upstream.url,
        ...env,
      },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { out, err, code };
  }

  /** What other companies' programs are asked for. */
  const strangers = {
    brew: `[ "$*" = "install ${product.tap.replace("/homebrew-", "/")}/${product.name}" ]`,
    docker: `[ "$1" = run ] && for last; do :; done && [ "$last" = ${product.image} ]`,
    gh: `[ "$1 $2 $4 $5" = "attestation verify --repo ${product.repository}" ]`,
  };

  /** Each block has exactly one reader, and is not wrong in its eyes. */
  const readers: readonly Reader[] = [
    {
      name: "settings",
      takes: ({ language, code }) => language === "sh" && /^(?:#.*\n|[A-Z_]+=\S+\n)+$/.test(code),
      async judge({ code }) {
        const values = Object.fromEntries(
          parseEnvFile(code.replaceAll("…", "x")).map(({ name, value = "" }) => [name, value]),
        );
        const { warnings } = readConfig({
          flags: {},
          env: {},
          file: { path: ".env", values, trusted: true },
        });
        expect(warnings).toEqual([]);
      },
    },
    {
      name: "commands",
      takes: ({ language, code }) => language === "sh" && !/^(?:#.*\n|[A-Z_]+=\S+\n)+$/.test(code),
      async judge({ code }) {
        for (const [name, script] of Object.entries(strangers)) put(name, script);
        if (!code.includes("install.sh")) put("claude-code-proxy", programScript);
        const proxy = await startProxy(text("Looks good."));
        const script = code
          .replace(/sk-or-…/, upstreamKey)
          .replace("http://127.0.0.1:8082 ", `${proxy.url} `);
        const { out, err, code: exit } = await run(script, { KEY: upstreamKey });
        await proxy.stop();
        expect({ exit, err }).toEqual({ exit: 0, err: expect.any(String) });
        if (/\bclaude\b(?!-)/.test(code.replace(/#.*/g, ""))) expect(out).toContain("Looks good.");
      },
    },
    {
      name: "scoop",
      takes: ({ language }) => language === "powershell",
      async judge({ code }) {
        expect(code).toBe(
          `scoop bucket add ${product.name} https://github.com/${product.bucket}\nscoop install ${product.name}\n`,
        );
      },
    },
    {
      name: "config.toml",
      takes: ({ language }) => language === "toml",
      async judge({ code }) {
        const { problems, routes } = readConfigFile({
          path: "config.toml",
          text: code,
          isShared: false,
          env: { OPENROUTER_KEY: "x" },
          readFile: () => "y",
        });
        expect(problems).toEqual([]);
        expect(routes).not.toEqual([]);
      },
    },
    {
      name: "steps on GitHub",
      takes: ({ language, code }) => language === "yaml" && code.includes("- uses:"),
      async judge({ code }) {
        const steps = z.array(
          z.object({ uses: z.string().optional(), with: z.record(z.string(), z.string()).optional() }),
        );
        for (const { uses = "", with: inputs = {} } of steps.parse(YAML.parse(code))) {
          const path = /\.github\/[^@]*/.exec(uses)?.[0];
          if (path === undefined) continue;
          const action = YAML.parse(await Bun.file(join(root, path, "action.yml")).text());
          const known = z
            .object({ inputs: z.record(z.string(), z.unknown()).default({}) })
            .parse(action).inputs;
          expect(Object.keys(known)).toEqual(expect.arrayContaining(Object.keys(inputs)));
        }
      },
    },
    {
      name: "a job on GitLab",
      takes: ({ language, code }) => language === "yaml" && code.includes("before_script"),
      async judge({ code }) {
        const job = z.object({ before_script: z.array(z.string()), script: z.array(z.string()) });
        const { review } = z.object({ review: job }).parse(YAML.parse(code));
        const { out, err, code: exit } = await run([...review.before_script, ...review.script].join("\n"));
        expect({ exit, err }).toEqual({ exit: 0, err: expect.any(String) });
        expect(out).toContain("Looks good.");
      },
    },
    {
      name: "a monitor",
      takes: ({ language, code }) => language === "yaml" && code.includes("scrape_configs"),
      async judge({ code }) {
        const job = z.strictObject({
          job_name: z.string(),
          authorization: z.strictObject({ credentials: z.string() }),
          static_configs: z.tuple([z.strictObject({ targets: z.tuple([z.string()]) })]),
        });
        const [{ authorization, static_configs }] = z
          .object({ scrape_configs: z.tuple([job]) })
          .parse(YAML.parse(code)).scrape_configs;
        expect(static_configs[0].targets).toEqual(["127.0.0.1:8082"]);
        const proxy = await startProxy(text("Unused"), {
          config: { server: { clientKey: "another", metricsKey: authorization.credentials } },
        });
        // The path and the scheme that Prometheus uses if nothing else is said.
        const headers = { authorization: `Bearer ${authorization.credentials}` };
        const { status } = await fetch(`${proxy.url}/metrics`, { headers });
        await proxy.stop();
        expect(status).toBe(200);
      },
    },
  ];

  test.each(blocks.map((block) => [block.line, block] as const))("the block in line %i", async (_, block) => {
    const [reader, ...others] = readers.filter(({ takes }) => takes(block));
    expect({ reader: reader?.name, others }).toEqual({ reader: expect.any(String), others: [] });
    await reader?.judge(block);
  });

  test("any shell, when the proxy does not start", async () => {
    put("claude-code-proxy", "echo 'no such port' >&2; exit 1");
    const { out, code } = await run(findBlock("Reference", "--ready-file"));
    expect(code).not.toBe(0);
    expect(out).toContain("no such port");
  });
});
