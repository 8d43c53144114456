import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/config/config-error.ts";
import { type EnvFilePlaces, findEnvFile, userEnvFile } from "../../src/config/find-env-file.ts";
import type { EnvFile } from "../../src/config/read-config.ts";

function look(
  files: Record<string, string | Uint8Array>,
  places: Partial<EnvFilePlaces> = {},
  isShared = false,
) {
  return findEnvFile({
    named: undefined,
    cwd: "/w",
    searchCwd: true,
    platform: "linux",
    env: { HOME: "/home/me" },
    readFile(path) {
      const file = files[path];
      if (file === undefined) return undefined;
      return { bytes: typeof file === "string" ? new TextEncoder().encode(file) : file, isShared };
    },
    ...places,
  });
}

const find = (
  files: Record<string, string | Uint8Array>,
  places: Partial<EnvFilePlaces> = {},
): EnvFile | undefined => look(files, places).file;

const text = "PORT=1\n";

describe("location", () => {
  test("a named file comes first and is trusted", () => {
    const files = { "/w/my.env": "PORT=2", "/w/.env": text };
    expect(find(files, { named: "/w/my.env" })).toEqual({
      path: "/w/my.env",
      trusted: true,
      values: { PORT: "2" },
      all: { PORT: "2" },
      problems: [],
    });
    expect(find(files, { named: "/w/.env" })?.trusted).toBe(true);
  });

  test("a missing named file is an error", () => {
    expect(() => find({ "/w/.env": text }, { named: "/w/nope" })).toThrow(ConfigError);
  });

  test("a directory is an error if it is named, and else no file", () => {
    const places: Partial<EnvFilePlaces> = { readFile: () => "directory" };
    expect(look({}, places).file).toBeUndefined();
    expect(() => look({}, { ...places, named: "/w" })).toThrow(
      "--env-file /w: it is a directory, not a file",
    );
  });

  test("then comes the working directory, not trusted, then the user's own directory, trusted", () => {
    const own = "/home/me/.config/claude-code-proxy/.env";
    expect(find({ "/w/.env": text, [own]: text })).toMatchObject({ path: "/w/.env", trusted: false });
    expect(find({ [own]: text })).toMatchObject({ path: own, trusted: true });
    expect(find({})).toBeUndefined();
  });

  test("the working directory can be excluded, but a file in it can still be named", () => {
    const own = "/home/me/.config/claude-code-proxy/.env";
    const files = { "/w/.env": text, [own]: text };
    expect(find(files, { searchCwd: false })).toMatchObject({ path: own });
    expect(find({ "/w/.env": text }, { searchCwd: false })).toBeUndefined();
    expect(find(files, { searchCwd: false, named: "/w/.env" })).toMatchObject({ path: "/w/.env" });
  });

  test("another program's .env does not hide the user's own", () => {
    const own = "/home/me/.config/claude-code-proxy/.env";
    expect(find({ "/w/.env": "DATABASE_URL=x", [own]: text })?.path).toBe(own);
  });

  test.each([
    ["linux", { HOME: "/h", XDG_CONFIG_HOME: "/x" }, "/x/claude-code-proxy/.env"],
    ["linux", { HOME: "/h", XDG_CONFIG_HOME: "relative" }, "/h/.config/claude-code-proxy/.env"],
    ["darwin", { HOME: "/h" }, "/h/Library/Application Support/claude-code-proxy/.env"],
    ["win32", { APPDATA: "C:\\Users\\me\\AppData" }, "C:\\Users\\me\\AppData\\claude-code-proxy\\.env"],
  ])("on %s with %j", (platform, env, path) => {
    expect(find({ [path]: text }, { platform, env })?.path).toBe(path);
  });
});

describe("content", () => {
  test("only our own variables are read", () => {
    const all = "HTTPS_PROXY=x\nNODE_TLS_REJECT_UNAUTHORIZED=0\nBUN_OPTIONS=x\nPORT=1\nCUSTOM_HEADER_A=b\n";
    expect(find({ "/w/.env": all })?.values).toEqual({ PORT: "1", CUSTOM_HEADER_A: "b" });
    expect(process.env.HTTPS_PROXY).not.toBe("x");
  });

  test("a byte order mark, quotes, comments and Windows line ends are understood", () => {
    const written = "\uFEFFPORT=1\r\n# a comment\r\nexport BIG_MODEL='a b' # why\r\n";
    expect(find({ "/w/.env": written })?.values).toEqual({ PORT: "1", BIG_MODEL: "a b" });
  });

  test.each([
    ["with a byte order mark", "\uFEFF"],
    ["without one", ""],
  ])("UTF-16, as PowerShell writes it, %s", (_, mark) => {
    const little = Buffer.from(`${mark}PORT=1\r\nBIG_MODEL=é\r\n`, "utf16le");
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big])
      expect(find({ "/w/.env": bytes })?.values).toEqual({ PORT: "1", BIG_MODEL: "é" });
  });

  test.each([
    ["OPENAI_API_KEY='sk-abc", "never closed"],
    ["\nOPENAI_API_KEY=sk-abc#def", "#"],
    ['\n\nOPENAI_API_KEY="sk-abc"def', "closing"],
  ])("%j is an error with the line, which does not show the value", (written, problem) => {
    const line = written.split("\n").length;
    const [found = "", ...more] = find({ "/w/.env": written })?.problems ?? [];
    expect(found).toStartWith(`/w/.env, line ${line}: OPENAI_API_KEY is ambiguous: `);
    expect(found).toContain(problem);
    expect(found).not.toContain("sk-abc");
    expect(more).toEqual([]);
  });

  test.each(["OPENAI_API_KEY sk-abc", "export OPENAI_API_KEY: sk-abc"])(
    "%j is told to set nothing",
    (written) => {
      expect(find({ "/w/.env": written })?.problems).toEqual([
        "/w/.env, line 1: OPENAI_API_KEY is not set: the name is not followed by a =",
      ]);
    },
  );

  test("a line without = takes no value away", () => {
    const file = find({ "/w/.env": "PORT=1\nKEY=a\nKEY b\n" });
    expect(file?.all).toEqual({ PORT: "1", KEY: "a" });
    expect(file?.problems).toEqual([]);
  });

  test("what other programs write in it is theirs", () => {
    expect(find({ "/w/.env": "SECRET=a#b\nQUOTE='x\nPORT=1\n" })?.values).toEqual({ PORT: "1" });
  });
});

describe("warnings", () => {
  test("a key that others can read", () => {
    const file = { "/w/.env": "OPENAI_API_KEY=geheim" };
    expect(look(file, {}, true).warnings).toEqual([
      "/w/.env contains a key and can be read by other users; chmod 600 it",
    ]);
    expect(look(file).warnings).toEqual([]);
    expect(look({ "/w/.env": "PORT=1" }, {}, true).warnings).toEqual([]);
  });

  test("a name that is nearly one of ours, also if the file has nothing else for us", () => {
    const own = "/home/me/.config/claude-code-proxy/.env";
    const { file, warnings } = look({ "/w/.env": "OPENAI_BASEURL=https://a.example/v1", [own]: "PORT=1" });
    expect(file?.path).toBe(own);
    expect(warnings).toEqual([
      "/w/.env: OPENAI_BASEURL is not a variable of this proxy; did you mean OPENAI_BASE_URL?",
    ]);
  });
});

describe("the search", () => {
  const own = "/home/me/.config/claude-code-proxy/.env";

  test("names the paths that were looked at, in order", () => {
    expect(look({}).searched).toEqual(["/w/.env", own]);
    expect(look({}, { searchCwd: false }).searched).toEqual([own]);
    expect(look({ "/w/a": text }, { named: "/w/a" }).searched).toEqual(["/w/a"]);
  });

  test("names a file in the working directory that is passed over, if it sets our variables", () => {
    const passedOver = (content: string) =>
      look({ "/w/.env": content }, { searchCwd: false }).findPassedOver();
    expect(passedOver("OPENAI_API_KEY=k")).toBe("/w/.env");
    expect(passedOver('OPENAI_API_KEY="k')).toBe("/w/.env");
    expect(passedOver("OTHER=1")).toBeUndefined();
    expect(look({ "/w/.env": text }).findPassedOver()).toBeUndefined();
  });
});

test("the user's own file is in the configuration directory", () => {
  expect(userEnvFile("linux", { HOME: "/home/me" })).toBe("/home/me/.config/claude-code-proxy/.env");
  expect(userEnvFile("linux", { XDG_CONFIG_HOME: "/c" })).toBe("/c/claude-code-proxy/.env");
  expect(userEnvFile("win32", { APPDATA: "C:\\A" })).toBe("C:\\A\\claude-code-proxy\\.env");
  expect(userEnvFile("linux", {})).toBeUndefined();
});

test("the one in the working directory is looked for even if that is a root", () => {
  const search = (platform: string, cwd: string) =>
    findEnvFile({ named: undefined, cwd, searchCwd: true, platform, env: {}, readFile: () => undefined });
  expect(search("win32", "C:\\").searched).toEqual(["C:\\.env"]);
  expect(search("linux", "/").searched).toEqual(["/.env"]);
});
