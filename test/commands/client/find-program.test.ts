import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { programPlaces } from "../../../src/catalog/claude-code/claude-code.ts";
import {
  adviseInstalling,
  findProgram,
  isClient,
  mayBeClient,
} from "../../../src/commands/client/find-program.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "programs-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function install(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "#!/bin/sh\n", { mode: 0o755 });
  return path;
}

test("Claude Code is known by its name, with any directory and extension", () => {
  for (const name of ["claude", "./claude", "/opt/bin/claude", "claude.exe", "C:\\x\\claude.cmd"])
    expect([name, isClient(name)]).toEqual([name, true]);
  for (const name of ["claude-code", "my-claude", "claude.d/x", "opencode"])
    expect([name, isClient(name)]).toEqual([name, false]);
});

test("what may lead to Claude Code: its names, its package, shells", () => {
  for (const line of [
    "claude -p hi",
    "/opt/bin/claude",
    "env A=1 claude",
    "npx @anthropic-ai/claude-code@2.1.332",
    "node /x/@anthropic-ai/claude-code/cli.js",
    "bash",
    "/bin/zsh -l",
    "pwsh.exe",
    "tmux new",
  ])
    expect([line, mayBeClient(line.split(" "))]).toEqual([line, true]);
  for (const line of [
    "opencode run hi",
    "node app.mjs --model claude-sonnet-5",
    "python /home/me/claude-code-proxy/app.py",
    "npx opencode-ai",
    "./push",
  ])
    expect([line, mayBeClient(line.split(" "))]).toEqual([line, false]);
});

describe.skipIf(process.platform === "win32")("a program", () => {
  const find = (program: string, env: Record<string, string>) => findProgram(program, env, "linux");

  test("on the path comes first", () => {
    const own = install(join(home, "bin/claude"));
    install(join(home, "one/.local/bin/claude"));
    expect(find("claude", { PATH: dirname(own), HOME: join(home, "one") })).toBe(own);
  });

  test("that is Claude Code is also found in each of its usual places below the home directory", () => {
    const places = programPlaces.posix.filter((place) => place.startsWith("~"));
    expect(places.length).toBeGreaterThan(5);
    for (const [number, place] of places.entries()) {
      const own = join(home, `user-${number}`);
      const path = install(join(own, place.slice(2).replace("*", "v24.1.0"), "claude"));
      expect(find("claude", { PATH: "/nowhere", HOME: own })).toBe(path);
    }
  });

  test("of the newest version of Node comes before older ones", () => {
    const versions = join(home, "nvm/.nvm/versions/node");
    const [newest] = ["v24.1.0", "v9.2.0", "v20.0.0"].map((name) =>
      install(join(versions, name, "bin/claude")),
    );
    expect(find("claude", { PATH: "/nowhere", HOME: join(home, "nvm") })).toBe(newest);
  });

  test("of another name, or of no home, is found on the path only", () => {
    install(join(home, "two/.local/bin/other"));
    expect(find("other", { PATH: "/nowhere", HOME: join(home, "two") })).toBeUndefined();
    expect(find("./claude", { PATH: "/nowhere", HOME: join(home, "one") })).toBeUndefined();
  });
});

test("the advice is a command for the system", () => {
  expect(adviseInstalling("darwin")).toContain("| bash");
  expect(adviseInstalling("win32")).toContain("| iex");
});
