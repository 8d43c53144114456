import { describe, expect, test } from "bun:test";
import {
  type Answers,
  askSettings,
  type InitChoice,
  type InitWorld,
  writeEnvFile,
} from "../../../src/commands/init/ask-settings.ts";
import { UsageError } from "../../../src/commands/read-arguments.ts";
import { parseEnvFile } from "../../../src/config/parse-env-file.ts";

const nothing: InitChoice = {
  backend: undefined,
  baseUrl: undefined,
  key: undefined,
  big: undefined,
  middle: undefined,
  small: undefined,
  force: false,
};

const notFound = { message: "Not found", refusesKey: false };
const refused = {
  message: "Cannot read the model list: the backend refuses the key (401); x",
  refusesKey: true,
};

/** Answers questions in their order. */
function worldFor(answers: readonly string[] | undefined, changes: Partial<InitWorld> = {}) {
  const rest = [...(answers ?? [])];
  const printed: string[] = [];
  const written: string[] = [];
  const answer = async (question: string) => {
    const next = rest.shift();
    if (next === undefined) throw new Error(`No answer to ${question}`);
    return next;
  };
  const world: InitWorld = {
    ask: answers && answer,
    askHidden: answers && answer,
    print: (line) => void printed.push(line),
    path: "/h/.env",
    exists: false,
    listModels: async () => [{ id: "gpt-5.4" }, { id: "gpt-5.4-nano" }],
    tryOut: async () => undefined,
    write: (text) => void written.push(text),
    program: "prog",
    ...changes,
  };
  return { world, printed, written };
}

const openai = [
  "OPENAI_API_KEY=sk-1",
  "OPENAI_BASE_URL=https://api.openai.com/v1",
  "BIG_MODEL=gpt-5.4",
  "MIDDLE_MODEL=gpt-5.4",
  "SMALL_MODEL=gpt-5.4-nano",
  "",
].join("\n");

describe("on a terminal", () => {
  test("backend, key and models are asked for, with suggestions from the backend's list", async () => {
    const { world, written, printed } = worldFor(["nobody", "openai", "sk-1", "", "", ""]);
    expect(await askSettings(nothing, world)).toBe(true);
    expect(written).toEqual([openai]);
    expect(printed).toContain("There is no backend nobody");
    expect(printed.at(-1)).toBe("Start: prog run -- claude");
  });

  test.each(["https://api.groq.com/openai/v1", "http://h:1/v1"])(
    "the address %s says which backend it is",
    async (given) => {
      const { world, written } = worldFor([given, "sk-1", "", "", ""]);
      expect(await askSettings(nothing, world)).toBe(true);
      expect(written[0]).toContain(`OPENAI_BASE_URL=${given}\n`);
      expect(written[0]).not.toContain("BACKEND_DIALECT");
    },
  );

  test.each([
    ["kimi", "https://api.moonshot.ai/v1"],
    ["LM Studio", "http://localhost:1234/v1"],
    ["together", "https://api.together.ai/v1"],
  ])("%s is the backend at %s", async (word, url) => {
    const { world, written } = worldFor([word, ...(url.startsWith("http:") ? [""] : []), "sk-1", "", "", ""]);
    expect(await askSettings(nothing, world)).toBe(true);
    expect(written[0]).toContain(`OPENAI_BASE_URL=${url}\n`);
  });

  test("a word of several titles is none of them, and other is any other", async () => {
    const { world, printed, written } = worldFor(["ai", "other", "http://h:1/v1", "sk-1", "", "", ""]);
    expect(await askSettings(nothing, world)).toBe(true);
    expect(printed.join("\n")).toContain("There is no backend ai");
    expect(written[0]).toContain("OPENAI_BASE_URL=http://h:1/v1\n");
  });

  test("a slip in a backend or an address is answered with what to write", async () => {
    const answers = [
      "",
      "olama",
      "ollama",
      "localhost:11434/v1",
      "http://localhost:11434/v1",
      "",
      "",
      "",
      "",
    ];
    const { world, printed } = worldFor(answers);
    expect(await askSettings(nothing, world)).toBe(true);
    expect(printed.filter((line) => line.startsWith("There is no backend"))).toEqual([
      "There is no backend olama; did you mean ollama?",
    ]);
    expect(
      printed.filter((line) => line.startsWith("Give the address of your server: it must")),
    ).toHaveLength(1);
  });

  test.each(["http://h:1/", "http://h:1/v1/v1", "http://h:1/chat/completions"])(
    "the address %s is put right where the backend lists its models",
    async (baseUrl) => {
      const asked: (string | undefined)[] = [];
      const listModels = async ({ OPENAI_BASE_URL: url = "" }: Readonly<Record<string, string>>) => {
        asked.push(url);
        return url === "http://h:1/v1" ? [{ id: "m" }] : notFound;
      };
      const choice = { ...nothing, key: "sk-1", baseUrl };
      const { world, written, printed } = worldFor(undefined, { listModels });
      await askSettings(choice, world);
      expect(written[0]).toContain("OPENAI_BASE_URL=http://h:1/v1\n");
      expect(printed[0]).toContain("http://h:1/v1");
      expect(asked).toEqual([baseUrl, "http://h:1/v1"]);
    },
  );

  test("any other address is kept", async () => {
    const { world, written, printed } = worldFor(undefined, { listModels: async () => notFound });
    const choice = { ...nothing, key: "sk-1", big: "m", middle: "m", small: "m" };
    for (const baseUrl of ["http://h:1/api", "http://h:1/v4"])
      await askSettings({ ...choice, baseUrl }, world);
    expect(written[0]).toContain("OPENAI_BASE_URL=http://h:1/api\n");
    expect(written[1]).toContain("OPENAI_BASE_URL=http://h:1/v4\n");
    expect(printed[0]).toContain("Not found");
  });

  test.each([
    [["sk-1"], "sk-1", 1],
    [["sk-0", "sk-1"], "sk-1", 2],
    [["sk-0", ""], "sk-0", 2],
  ])("after a refused key, %j makes it %s", async (keys, kept, refusals) => {
    const listModels = async ({ OPENAI_API_KEY: key }: Answers) => (key === "sk-1" ? [{ id: "m" }] : refused);
    const { world, written, printed } = worldFor(["openai", "sk-bad", ...keys, "m", "", ""], { listModels });
    expect(await askSettings(nothing, world)).toBe(true);
    expect(written[0]).toContain(`OPENAI_API_KEY=${kept}\n`);
    expect(printed.filter((line) => line === "The backend refuses the key")).toHaveLength(refusals);
  });

  test("a key that is refused at the address that was meant is asked for again", async () => {
    const listModels = async ({ OPENAI_BASE_URL: url, OPENAI_API_KEY: key }: Answers) => {
      if (url !== "http://h:1/v1") return notFound;
      return key === "sk-1" ? [{ id: "m" }] : refused;
    };
    const { world, written } = worldFor(["http://h:1", "sk-bad", "sk-1", "", "", ""], { listModels });
    expect(await askSettings(nothing, world)).toBe(true);
    expect(written[0]).toStartWith("OPENAI_API_KEY=sk-1\nOPENAI_BASE_URL=http://h:1/v1\n");
  });

  test("without a list, a model must be named", async () => {
    const answers = ["openai", "sk-1", "", "m", "", ""];
    const { world, written, printed } = worldFor(answers, { listModels: async () => notFound });
    expect(await askSettings(nothing, world)).toBe(true);
    expect(printed).toContain("There is no model to suggest; type the name of one");
    expect(written[0]).toContain("BIG_MODEL=m\n");
  });

  test("a key that was not typed is not asked for again", async () => {
    const { world, written } = worldFor(["openai", "m", "", ""], { listModels: async () => refused });
    expect(await askSettings({ ...nothing, key: "sk-1" }, world)).toBe(true);
    expect(written[0]).toContain("OPENAI_API_KEY=sk-1\n");
  });

  test.each(["localhost:11434", "h/v1", "http://u:p@h/v1"])(
    "the address %s is told what it lacks",
    async (given) => {
      const { world, printed } = worldFor([given, "openai", "sk-1", "", "", ""]);
      expect(await askSettings(nothing, world)).toBe(true);
      expect(printed).toContainEqual(
        expect.stringContaining(`${given} is not an address: it must be an http://`),
      );
    },
  );

  test("an existing file is replaced only if that is confirmed", async () => {
    const kept = worldFor(["n"], { exists: true });
    expect(await askSettings(nothing, kept.world)).toBe(false);
    expect(kept.written).toEqual([]);
    const replaced = worldFor(["y", "2", "sk-1", "", "", ""], { exists: true });
    expect(await askSettings(nothing, replaced.world)).toBe(true);
  });

  test("settings that do not work are written only if that is confirmed", async () => {
    const { world, written, printed } = worldFor(["openai", "sk-1", "", "", "", "n"], {
      tryOut: async () => "no credit",
    });
    expect(await askSettings(nothing, world)).toBe(false);
    expect(written).toEqual([]);
    expect(printed.at(-2)).toContain("no credit");
    expect(printed.at(-1)).toStartWith("Nothing was written");
    const forced = worldFor(undefined, { tryOut: async () => "no credit" });
    await askSettings({ ...nothing, backend: "openai", key: "k", force: true }, forced.world);
    expect(forced.written).toEqual([openai.replace("sk-1", "k")]);
    expect(forced.printed.at(-1)).toBe("Find out why: prog doctor");
  });

  test("a local server needs no key, and may be at another address", async () => {
    const { world, written } = worldFor(["ollama", "http://localhost:9999/v1", "", "qwen3", "y", "", ""]);
    await askSettings(nothing, world);
    expect(written[0]).toContain(
      "OPENAI_API_KEY=local\nOPENAI_BASE_URL=http://localhost:9999/v1\nBACKEND_DIALECT=ollama\n",
    );
    expect(written[0]).toContain("MIDDLE_MODEL=qwen3\n");
  });
});

describe("without a terminal", () => {
  test("flags are enough", async () => {
    const { world, written } = worldFor(undefined);
    expect(await askSettings({ ...nothing, backend: "OpenAI", key: "sk-1" }, world)).toBe(true);
    expect(written).toEqual([openai]);
  });

  test.each([
    [{}, "give --backend or --base-url"],
    [{ backend: "nobody" }, "There is no backend nobody"],
    [{ backend: "azure", key: "k" }, "give --base-url"],
    [{ backend: "openai" }, "--api-key-stdin"],
    [{ baseUrl: "localhost:11434" }, "Cannot use --base-url: it must be an http://"],
  ])("what is missing in %j is named", async (choice, words) => {
    const { world } = worldFor(undefined);
    expect(askSettings({ ...nothing, ...choice }, world)).rejects.toThrow(words);
  });

  test("a model must be given if the backend lists none", async () => {
    const { world } = worldFor(undefined, { listModels: async () => notFound });
    expect(askSettings({ ...nothing, backend: "openai", key: "k" }, world)).rejects.toThrow("give --model");
  });

  test("without a model, a refused key is called by its name", async () => {
    const { world } = worldFor(undefined, {
      listModels: async () => refused,
    });
    expect(askSettings({ ...nothing, backend: "openai", key: "k" }, world)).rejects.toThrow(
      "Cannot choose a model: the backend refuses the key (401); check the key and the address, or give --model",
    );
  });
});

test("whatever can be written is read back", () => {
  const settings = { A: "plain", B: "a b#c", C: "it's", D: '"x"' };
  const read = Object.fromEntries(
    parseEnvFile(writeEnvFile(settings)).map(({ name, value }) => [name, value]),
  );
  expect(read).toEqual(settings);
  expect(() => writeEnvFile({ A: "a\nb" })).toThrow(UsageError);
});
