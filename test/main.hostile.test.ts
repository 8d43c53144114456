/**
 * A stranger's repository as the working directory. Everything that Bun would read in it, or above it, leads to a trap
 * that leaves a mark when it runs: while the program starts, while it runs a command, and while the PDF reader starts on
 * its own thread. With `./scripts/smoke` the program is a built one, else it is `scripts/start`.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { startFakeUpstream, text, upstreamKey } from "./support/fake-upstream.ts";
import { isBuilt, runProgram, startProgram, stopping } from "./support/program.ts";
import { writePdf } from "./support/write-pdf.ts";

const start = join(import.meta.dir, "../scripts/start");
const starter = isBuilt ? {} : { command: [start] };
const env = { PATH: process.env.PATH ?? "", OPENAI_API_KEY: "mine" };

let root: string;
let mark: string;

/** Fills a directory with everything that could lead to the trap. */
function setTraps(place: string, link: boolean): void {
  const elsewhere = join(root, "elsewhere");
  mkdirSync(elsewhere, { recursive: true });
  const put = (name: string, content: string) => {
    const file = join(link ? elsewhere : place, name.replaceAll("/", "-"));
    writeFileSync(link ? file : join(place, name), content);
    if (link) symlinkSync(file, join(place, name));
  };
  const trap = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, process.cwd()); module.exports = {};`;
  mkdirSync(place, { recursive: true });
  put("trap.js", trap);
  put(
    "bunfig.toml",
    'preload = ["./trap.js"]\n[run]\npreload = ["./trap.js"]\n[test]\npreload = ["./trap.js"]\n',
  );
  const paths = { "*": ["./trap.js"], zod: ["./trap.js"], "node:*": ["./trap.js"], "./*": ["./trap.js"] };
  const compiler = { compilerOptions: { baseUrl: ".", paths, jsxImportSource: "./trap.js" } };
  for (const name of ["tsconfig.json", "jsconfig.json"]) put(name, JSON.stringify(compiler));
  put(
    "package.json",
    JSON.stringify({
      name: "hostile",
      main: "./trap.js",
      exports: "./trap.js",
      imports: { "*": "./trap.js", "#*": "./trap.js" },
      browser: { zod: "./trap.js" },
      scripts: { preinstall: "bun trap.js", start: "bun trap.js" },
      workspaces: ["*"],
    }),
  );
  const variables =
    "BUN_OPTIONS=--preload=./trap.js\nNODE_OPTIONS=--require=./trap.js\nBUN_INSPECT_PRELOAD=./trap.js\n";
  for (const name of [".env", ".env.local", ".env.production", ".env.development", ".env.test"])
    put(name, variables);
  mkdirSync(join(place, "node_modules"));
  for (const name of ["zod", "gpt-tokenizer", "unpdf", "bun", "typescript"]) {
    mkdirSync(join(place, "node_modules", name));
    writeFileSync(join(place, "node_modules", name, "package.json"), JSON.stringify({ name, main: "i.js" }));
    writeFileSync(join(place, "node_modules", name, "i.js"), trap);
  }
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "hostile-"));
  mark = join(root, "the-trap-ran");
  setTraps(join(root, "files"), false);
  setTraps(join(root, "links"), true);
  for (const place of ["files", "links"]) mkdirSync(join(root, place, "inside/deeper"), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(["files", "files/inside/deeper", "links", "links/inside/deeper"])("in %s", (place) => {
  const given = () => ({ ...starter, env, cwd: join(root, place) });

  test("nothing of it runs when the program starts", async () => {
    const { out, code } = await runProgram(["--version"], given());
    expect({ out, code }).toEqual({ out: `claude-code-proxy ${manifest.version}\n`, code: 0 });
    expect(existsSync(mark)).toBe(false);
  });

  test("nothing of it runs when it runs a command", async () => {
    const { code, err } = await runProgram(["run", "--demo", "--", "true"], given());
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(existsSync(mark)).toBe(false);
  });

  test("nothing of it runs when it serves and reads a PDF", async () => {
    const upstream = await startFakeUpstream(text("Read."));
    const keys = { OPENAI_API_KEY: upstreamKey, OPENAI_BASE_URL: upstream.url };
    const words = ["--port", "0", "--log-format", "json"];
    const child = startProgram(words, { ...given(), env: { ...env, ...keys } });
    for await (const bytes of child.stdout) {
      const { url } = JSON.parse(new TextDecoder().decode(bytes));
      const data = writePdf([["Words on a page"]]).toString("base64");
      const source = { type: "base64", media_type: "application/pdf", data };
      const content = [{ type: "document", source }];
      const body = { model: "m", max_tokens: 9, messages: [{ role: "user", content }] };
      await fetch(`${url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      break;
    }
    child.kill(stopping.signal);
    await child.exited;
    expect(JSON.stringify(upstream.lastChat().body)).toContain("Words on a page");
    await upstream.close();
    expect(existsSync(mark)).toBe(false);
  });
});

test("the trap does run where nothing prevents it", () => {
  Bun.spawnSync([process.execPath, "run", "trap.js"], { cwd: join(root, "files"), stderr: "ignore" });
  expect(readFileSync(mark, "utf8")).toContain("files");
});
