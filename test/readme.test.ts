import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { YAML } from "bun";
import { z } from "zod";
import { writeTables } from "../scripts/readme/write-tables.ts";
import { product } from "../scripts/shipping/description.ts";
import { parseEnvFile } from "../src/config/parse-env-file.ts";
import { findVariable } from "../src/config/variables.ts";
import { type FakeUpstream, startFakeUpstream, text, upstreamKey } from "./support/fake-upstream.ts";
import { type ReleaseServer, serveRelease, writeProgram } from "./support/installer.ts";
import { programScript } from "./support/program.ts";

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

test("the sidecar action is used with existing inputs and paths", async () => {
  const steps = z.array(
    z.object({ uses: z.string().optional(), with: z.record(z.string(), z.string()).optional() }),
  );
  for (const { uses = "", with: inputs = {} } of steps.parse(YAML.parse(findBlock("CI", "/sidecar@")))) {
    const path = /\.github\/[^@]*/.exec(uses)?.[0];
    if (path === undefined) continue;
    const action = YAML.parse(await Bun.file(join(root, path, "action.yml")).text());
    const known = Object.keys(
      z.object({ inputs: z.record(z.string(), z.unknown()).default({}) }).parse(action).inputs,
    );
    expect(Object.keys(inputs).filter((input) => !known.includes(input))).toEqual([]);
  }
});

describe.skipIf(process.platform === "win32")("recipes for CI", () => {
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

  async function run(script: string) {
    const child = Bun.spawn(["sh", "-e", "-c", script], {
      cwd: home,
      env: {
        PATH: `${join(home, "bin")}:${process.env.PATH}`,
        HOME: home,
        OPENAI_API_KEY: upstreamKey,
        OPENAI_BASE_URL: upstream.url,
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

  test("GitLab", async () => {
    const job = z.object({ before_script: z.array(z.string()), script: z.array(z.string()) });
    const { review } = z.object({ review: job }).parse(YAML.parse(findBlock("CI", "before_script")));
    const { out, code, err } = await run([...review.before_script, ...review.script].join("\n"));
    expect({ code, err }).toEqual({ code: 0, err: expect.any(String) });
    expect(out).toContain("Looks good.");
  });

  test("any shell", async () => {
    put("claude-code-proxy", programScript);
    const { out, code, err } = await run(findBlock("Reference", "--ready-file"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("Looks good.");
  });

  test("any shell, when the proxy does not start", async () => {
    put("claude-code-proxy", "echo 'no such port' >&2; exit 1");
    const { out, code } = await run(findBlock("Reference", "--ready-file"));
    expect(code).not.toBe(0);
    expect(out).toContain("no such port");
  });
});
