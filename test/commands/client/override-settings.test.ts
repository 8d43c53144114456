import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  givesSettings,
  listDiversions,
  saveOverride,
  writeOverride,
} from "../../../src/commands/client/override-settings.ts";

const file = (env: Record<string, string>, diverts: string[] = Object.keys(env)) => ({
  path: "/h/settings.json",
  isManaged: false,
  env,
  diverts,
});

test("our variables are said again, and what belongs to another server is emptied", () => {
  const settings = file({
    ANTHROPIC_BASE_URL: "http://other",
    ANTHROPIC_API_KEY: "secret",
    ANTHROPIC_MODEL: "theirs",
    CLAUDE_CODE_USE_BEDROCK: "1",
    MY_OWN: "kept",
  });
  const given = { PATH: "/bin", ANTHROPIC_MODEL: "" };
  const env = { PATH: "/bin", ANTHROPIC_BASE_URL: "http://ours", ANTHROPIC_AUTH_TOKEN: "token" };
  expect(writeOverride([settings], env, given)).toEqual({
    env: {
      ANTHROPIC_BASE_URL: "http://ours",
      ANTHROPIC_AUTH_TOKEN: "token",
      ANTHROPIC_API_KEY: "",
      ANTHROPIC_MODEL: "",
      CLAUDE_CODE_USE_BEDROCK: "",
    },
    apiKeyHelper: "",
  });
});

test("a model that the user names in the environment stays", () => {
  const env = { ANTHROPIC_MODEL: "mine" };
  expect(writeOverride([file({ ANTHROPIC_MODEL: "theirs" })], env, env)).toMatchObject({
    env: { ANTHROPIC_MODEL: "mine" },
  });
});

test("the file is the user's alone, and goes away with its directory", () => {
  const { words, remove } = saveOverride({ env: { A: "b" } });
  const [flag, path = ""] = words;
  expect(flag).toBe("--settings");
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ env: { A: "b" } });
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  remove();
  expect(existsSync(dirname(path))).toBe(false);
});

test("settings of the user's own are seen in both forms", () => {
  expect(givesSettings(["-p", "hi", "--settings", "{}"])).toBe(true);
  expect(givesSettings(["--settings={}"])).toBe(true);
  expect(givesSettings(["-p", "--setting-sources", "user"])).toBe(false);
});

test("diversions are told by file and name, without values", () => {
  expect(listDiversions([file({ ANTHROPIC_API_KEY: "secret" }), file({}, [])])).toEqual([
    "/h/settings.json sets ANTHROPIC_API_KEY",
  ]);
});
