import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findSettings } from "../../../src/commands/client/find-settings.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "settings-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What is found where these files are, by their paths; `project/sub` is the working directory. */
function find(files: Readonly<Record<string, unknown>>) {
  const root = mkdtempSync(join(home, "user-"));
  mkdirSync(join(root, "project/sub"), { recursive: true });
  mkdirSync(join(root, "project/.git"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return findSettings({
    env: { HOME: root },
    cwd: join(root, "project/sub"),
    platform: "linux",
    managedDirectory: join(root, "managed"),
  }).map(({ path, ...rest }) => ({ path: path.slice(root.length + 1), ...rest }));
}

const elsewhere = { env: { ANTHROPIC_BASE_URL: "http://other" } };

test("files of user, project, repository and administrator are read, the weakest first", () => {
  const places = [
    ".claude/settings.json",
    "project/sub/.claude/settings.json",
    "project/.claude/settings.local.json",
    "project/sub/.claude/settings.local.json",
    "managed/managed-settings.json",
    "managed/managed-settings.d/10-net.json",
  ];
  const found = find(Object.fromEntries(places.map((path) => [path, elsewhere])));
  expect(found.map(({ path }) => path)).toEqual(places);
  expect(found.map(({ isManaged }) => isManaged)).toEqual([false, false, false, false, true, true]);
});

test("CLAUDE_CONFIG_DIR replaces the user's directory", () => {
  const own = mkdtempSync(join(home, "own-"));
  writeFileSync(join(own, "settings.json"), JSON.stringify(elsewhere));
  const [found] = findSettings({
    env: { HOME: home, CLAUDE_CONFIG_DIR: own },
    cwd: own,
    platform: "linux",
    managedDirectory: own,
  });
  expect(found?.path).toBe(join(own, "settings.json"));
});

test.each([
  [{ env: { ANTHROPIC_BASE_URL: "http://x" } }, ["ANTHROPIC_BASE_URL"]],
  [
    { env: { ANTHROPIC_AUTH_TOKEN: "t", ANTHROPIC_API_KEY: "k" } },
    ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"],
  ],
  [{ env: { CLAUDE_CODE_USE_BEDROCK: "1" } }, ["CLAUDE_CODE_USE_BEDROCK"]],
  [{ env: { CLAUDE_CODE_USE_VERTEX: "0", ANTHROPIC_BASE_URL: "" } }, []],
  [{ apiKeyHelper: "print-key" }, ["apiKeyHelper"]],
  [{ apiKeyHelper: "" }, []],
  [{ env: { ANTHROPIC_MODEL: "opus", OTHER: "1" } }, []],
  [{ env: { ANTHROPIC_BASE_URL: 5 } }, []],
  [{ env: "x" }, []],
])("%j diverts by %j", (settings, names) => {
  expect(find({ ".claude/settings.json": settings }).flatMap(({ diverts }) => diverts)).toEqual(names);
});

test("what is no JSON object is no settings file", () => {
  for (const text of ["", "{", "[]", "null"]) expect(find({ ".claude/settings.json": text })).toEqual([]);
});
