import { describe, expect, test } from "bun:test";
import { commands, namesOf } from "../../src/commands/command-table.ts";
import { type Invocation, readArguments, UsageError } from "../../src/commands/read-arguments.ts";

const nothing = {
  settings: {},
  envFile: undefined,
  configFile: undefined,
  demo: false,
  cassette: undefined,
  keyFromStdin: false,
};
const serve: Invocation = { command: "serve", ...nothing, readyFile: undefined };
const help: Invocation = { command: "help", manual: false };
const version: Invocation = { command: "version", json: false };
const claude: Invocation = {
  command: "run",
  ...nothing,
  program: "claude",
  words: ["-p", "--demo", "--", "x"],
};

describe("serve", () => {
  test("is the default", () => {
    for (const words of [[], ["serve"], ["serve", "--"]]) expect(readArguments(words)).toEqual(serve);
  });

  test("a value follows its flag or an equals sign", () => {
    const words = ["serve", "--port", "0", "--host=::1", "--env-file=a=b", "--log-level", "debug", "--demo"];
    words.push("--config", "c.toml");
    expect(readArguments([...words, "--ready-file", "r", "--api-key-stdin", "--log-format=json"])).toEqual({
      command: "serve",
      settings: { PORT: "0", HOST: "::1", LOG_LEVEL: "debug", LOG_FORMAT: "json" },
      envFile: "a=b",
      configFile: "c.toml",
      demo: true,
      cassette: undefined,
      keyFromStdin: true,
      readyFile: "r",
    });
  });
});

describe("run", () => {
  test("everything after two dashes belongs to the command", () => {
    expect(readArguments(["run", "--", "claude", "-p", "--demo", "--", "x"])).toEqual(claude);
  });

  test("so does everything from the first word that is not a flag", () => {
    expect(readArguments(["run", "claude", "-p", "--demo", "--", "x"])).toEqual(claude);
    expect(readArguments(["run", "--env-file", "f", "env"])).toMatchObject({ program: "env", envFile: "f" });
  });

  test("its own flags come first", () => {
    expect(readArguments(["run", "--demo", "--log-level=INFO", "--", "claude"])).toEqual({
      command: "run",
      ...nothing,
      demo: true,
      settings: { LOG_LEVEL: "INFO" },
      program: "claude",
      words: [],
    });
  });

  test("a missing command is an error with an example", () => {
    for (const words of [["run"], ["run", "--"], ["run", "--demo"], ["run", "--", ""]])
      expect(() => readArguments(words)).toThrow("run -- claude");
  });
});

describe("cassettes", () => {
  test("are recorded or replayed, by serve and run", () => {
    expect(readArguments(["--record", "tapes"])).toMatchObject({
      cassette: { mode: "record", directory: "tapes" },
    });
    expect(readArguments(["run", "--trace", "tapes", "--", "x"])).toMatchObject({
      cassette: { mode: "trace", directory: "tapes" },
    });
    expect(readArguments(["run", "--replay=tapes", "--timed", "--", "claude"])).toMatchObject({
      cassette: { mode: "replay", directory: "tapes", timed: true },
    });
  });

  test.each([
    [["--timed"], "--replay"],
    [["--timed", "--record", "a"], "--replay"],
    [["--replay", "a", "--record", "b"], "--record"],
    [["--replay", "a", "--trace", "b"], "--trace"],
    [["--record", "a", "--trace", "b"], "--trace"],
    [["--replay", "a", "--demo"], "--demo"],
    [["--replay", "a", "--api-key-stdin"], "--api-key-stdin"],
  ])("%j is refused", (words, named) => {
    expect(() => readArguments(words)).toThrow(named);
  });
});

describe("other commands", () => {
  test("help and version work as words and flags, in any position", () => {
    for (const words of [
      ["help"],
      ["--help"],
      ["-h"],
      ["--port", "1", "--help"],
      ["--version", "--help"],
      ["help", "--help"],
    ])
      expect(readArguments(words)).toEqual(help);
    for (const words of [["version"], ["--version"], ["serve", "--version"]])
      expect(readArguments(words)).toEqual(version);
    expect(readArguments(["help", "--man"])).toEqual({ ...help, manual: true });
    for (const words of [
      ["version", "--json"],
      ["--version", "--json"],
      ["--json", "--version"],
    ])
      expect(readArguments(words)).toEqual({ ...version, json: true });
  });

  test("--help with a command is the help for that command", () => {
    for (const command of namesOf(commands).filter((name) => name !== "help")) {
      const topic: Invocation = { ...help, topic: command };
      for (const words of [
        [command, "--help"],
        [command, "-h"],
        [command, "--version", "--help"],
        ["help", command],
        ["help", command, "--help"],
      ])
        expect(readArguments(words)).toEqual(topic);
    }
  });

  test("but not after two dashes", () => {
    expect(readArguments(["run", "--", "claude", "--help"])).toMatchObject({ words: ["--help"] });
  });

  test("usage sums up by days as a table, unless it is told otherwise", () => {
    expect(readArguments(["usage"])).toMatchObject({ by: "day", since: undefined, format: "text" });
    expect(readArguments(["usage", "--by=client", "--since", "7d", "--csv"])).toMatchObject({
      by: "client",
      since: "7d",
      format: "csv",
    });
    expect(() => readArguments(["usage", "--by", "week"])).toThrow("choose one of day, model");
    expect(() => readArguments(["usage", "--json", "--csv"])).toThrow("cannot be combined");
  });

  test("top takes an address, in short or in full, without a password", () => {
    const url = (...words: string[]) => readArguments(["top", ...words]);
    expect(url()).toMatchObject({ command: "top", url: undefined, color: true });
    expect(url("127.0.0.1:8082", "--no-color")).toMatchObject({ url: "http://127.0.0.1:8082", color: false });
    expect(url("https://proxy.example/base/")).toMatchObject({ url: "https://proxy.example/base" });
    for (const port of ["8082", ":8082"]) expect(url(port)).toMatchObject({ url: "http://127.0.0.1:8082" });
    for (const wrong of ["http://user:secret@host", "::", "ftp://host", "file:///etc/passwd"])
      expect(() => url(wrong)).toThrow(UsageError);
    expect(() => url("a", "b")).toThrow("Unexpected argument b");
  });

  test("completions need a shell", () => {
    expect(readArguments(["completions", "zsh"])).toEqual({ command: "completions", shell: "zsh" });
    expect(() => readArguments(["completions"])).toThrow("bash, zsh, fish, powershell");
    expect(() => readArguments(["completions", "tcsh"])).toThrow("tcsh is not supported");
    expect(() => readArguments(["completions", "zsh", "fish"])).toThrow("Unexpected argument fish");
  });
});

describe("refused", () => {
  test.each([
    ["--prot", "did you mean --port?"],
    ["--envfile=x", "did you mean --env-file?"],
    ["--hots", "did you mean --host?"],
    ["--zzzzzzzz", "see --help"],
    ["sreve", "did you mean serve?"],
    ["rum", "did you mean run?"],
    ["--port=", "needs a value"],
    ["--demo=yes", "takes no value"],
    ["--json", "--json works only with doctor, models, config, usage and version"],
    ["--man", "--man works only with help"],
    ["--model=m", "--model works only with init; otherwise set BIG_MODEL"],
    ["--backend=b", /--backend works only with init$/],
    ["start", "did you mean serve?"],
    ["Status", "did you mean top?"],
    ["demo", "did you mean --demo?"],
    ["claude", "to start a program, write run -- claude"],
    ["-p", "did you mean --port?"],
    ["-v", "did you mean --version?"],
    ["-m", "There is no flag -m; see --help"],
  ])("%s: %s", (word, advice) => {
    expect(() => readArguments([word])).toThrow(UsageError);
    expect(() => readArguments([word])).toThrow(advice);
  });

  test("no other name of a command is that of a command, and none belongs to two", () => {
    const words = namesOf(commands).flatMap((name) => [name, ...(commands[name].alsoCalled ?? [])]);
    expect(new Set(words).size).toBe(words.length);
  });

  test("a command behind the flags is told where it belongs", () => {
    expect(() => readArguments(["--demo", "run", "--", "true"])).toThrow(
      "Unexpected argument run; a command comes first, before the flags",
    );
  });

  test("a flag is not the value of another flag, and extra words are refused", () => {
    expect(() => readArguments(["--port", "--demo"])).toThrow("needs a value");
    expect(() => readArguments(["--port"])).toThrow("needs a value");
    for (const words of [
      ["--demo", "extra"],
      ["serve", "--", "extra"],
      ["version", "extra"],
    ])
      expect(() => readArguments(words)).toThrow("Unexpected argument extra");
  });

  test("a flag of another command names that command", () => {
    expect(() => readArguments(["run", "--port", "1", "--", "claude"])).toThrow("works only with serve");
    expect(() => readArguments(["completions", "--demo", "zsh"])).toThrow(
      "works only with serve, run, doctor",
    );
  });
});

describe("habits", () => {
  test("-V is --version, and help takes a command", () => {
    expect(readArguments(["-V"])).toEqual(version);
    expect(readArguments(["help", "run"])).toEqual({ ...help, topic: "run" });
    expect(() => readArguments(["help", "rnu"])).toThrow("There is no help for rnu; did you mean run?");
  });

  test("a program's name leads to run", () => {
    expect(() => readArguments(["claude"])).toThrow(
      "There is no command claude; to start a program, write run -- claude",
    );
    expect(() => readArguments(["docter"])).toThrow("did you mean doctor?");
  });
});

describe("looking at the configuration", () => {
  test("doctor, models and config take the flags that find a backend", () => {
    for (const command of ["models", "config"] as const)
      expect(readArguments([command, "--json", "--env-file", "f"])).toEqual({
        command,
        ...nothing,
        envFile: "f",
        json: true,
      });
    expect(readArguments(["doctor", "--no-color"])).toMatchObject({ json: false, color: false });
    expect(readArguments(["doctor"])).toMatchObject({ color: true, demo: false });
  });

  test("init takes what it would ask for", () => {
    const words = [
      "init",
      "--backend=ollama",
      "--base-url",
      "http://h/v1",
      "--model",
      "b",
      "--small-model",
      "s",
      "--force",
    ];
    expect(readArguments(words)).toEqual({
      command: "init",
      ...nothing,
      settings: { OPENAI_BASE_URL: "http://h/v1", BIG_MODEL: "b", SMALL_MODEL: "s" },
      backend: "ollama",
      force: true,
    });
  });
});
