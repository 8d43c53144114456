import { describe, expect, test } from "bun:test";
import { readArguments, UsageError } from "../../src/commands/read-arguments.ts";

const serve = { command: "serve", settings: {}, envFile: undefined, demo: false } as const;

describe("readArguments", () => {
  test("nothing, or the word serve, asks to serve", () => {
    expect(readArguments([])).toEqual(serve);
    expect(readArguments(["serve"])).toEqual(serve);
  });

  test("a value stands behind its flag or an equals sign", () => {
    const words = ["serve", "--port", "0", "--host=::1", "--env-file=a=b", "--log-level", "debug", "--demo"];
    expect(readArguments(words)).toEqual({
      command: "serve",
      settings: { PORT: "0", HOST: "::1", LOG_LEVEL: "debug" },
      envFile: "a=b",
      demo: true,
    });
  });

  test("help and version, as words and flags, wherever they stand", () => {
    for (const words of [
      ["help"],
      ["--help"],
      ["-h"],
      ["serve", "--port", "1", "--help"],
      ["--version", "--help"],
    ])
      expect(readArguments(words)).toEqual({ command: "help" });
    for (const words of [["version"], ["--version"], ["serve", "--version"]])
      expect(readArguments(words)).toEqual({ command: "version" });
  });

  test.each([
    ["--prot", "did you mean --port?"],
    ["--envfile=x", "did you mean --env-file?"],
    ["--hots", "did you mean --host?"],
    ["--zzzzzzzz", "see --help"],
    ["sreve", "did you mean serve?"],
    ["--port=", "needs a value"],
    ["--demo=yes", "takes no value"],
  ])("%s is refused: %s", (word, advice) => {
    expect(() => readArguments([word])).toThrow(UsageError);
    expect(() => readArguments([word])).toThrow(advice);
  });

  test("a flag is not the value of another, and a stray word is refused", () => {
    expect(() => readArguments(["--port", "--demo"])).toThrow("needs a value");
    expect(() => readArguments(["--port"])).toThrow("needs a value");
    expect(() => readArguments(["--demo", "extra"])).toThrow(UsageError);
  });
});
