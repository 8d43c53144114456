import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import * as claudeCode from "../src/catalog/claude-code/claude-code.ts";

/** The floors, top first. A file may import from its own floor and from any floor below it. */
const floors: readonly (readonly string[])[] = [
  ["main.ts"],
  ["commands/"],
  ["server.ts"],
  ["routes/", "guard.ts", "cors.ts"],
  ["journey/"],
  ["upstream/"],
  ["plan/"],
  ["adapt/"],
  ["config/"],
  ["catalog/"],
  ["anthropic/", "telemetry/"],
  ["reply.ts", "errors.ts", "lib/", "version.ts"],
];

/** Rooms that stand beside the house: they import nothing of it. */
const annexes = ["demo/"];

const root = `${import.meta.dir}/../`;

type Source = { readonly file: string; readonly code: string; readonly imports: readonly string[] };

/** Every source file, under its path in the repository. */
const everything: readonly Source[] = await Promise.all(
  [...new Glob("{src,scripts,test}/**/*.ts").scanSync(root)].sort().map(async (path) => {
    const file = path.replaceAll("\\", "/");
    const code = await Bun.file(root + file).text();
    const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)];
    const imports = specifiers.map(([, specifier = ""]) =>
      new URL(specifier, `file:///${file}`).pathname.slice(1),
    );
    return { file, code, imports };
  }),
);

/** The files of the house; their paths, and those of what they import, begin inside `src`. */
const sources: readonly Source[] = everything
  .filter(({ file }) => file.startsWith("src/"))
  .map(({ file, code, imports }) => ({
    file: file.slice("src/".length),
    code,
    imports: imports.map((target) => target.replace(/^src\//, "")),
  }));
const files = sources.map(({ file }) => file);

const isIn = (room: string) => (file: string) => (room.endsWith("/") ? file.startsWith(room) : file === room);
const floorOf = (file: string) => floors.findIndex((rooms) => rooms.some((room) => isIn(room)(file)));

const withoutComments = (code: string) =>
  code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");

/** Code without comments and string contents, for rules about what it does. */
const bare = (code: string) => withoutComments(code).replace(/"(?:[^"\\\n]|\\.)*"/g, '""');

const only = (pattern: RegExp, ...rooms: string[]) =>
  sources
    .filter(({ file, code }) => pattern.test(bare(code)) && !rooms.some((room) => isIn(room)(file)))
    .map((s) => s.file);

/** All strings in a value made of lists and records. */
const stringsIn = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null && !(value instanceof RegExp)
    ? Object.values(value).flatMap(stringsIn)
    : [];
};

describe("walls", () => {
  test("every file has a floor", () => {
    expect(files.filter((file) => floorOf(file) === -1 && !annexes.some((room) => isIn(room)(file)))).toEqual(
      [],
    );
  });

  test("imports go downwards", () => {
    const upward = sources.flatMap(({ file, imports }) =>
      imports
        .filter((target) => files.includes(target) && floorOf(file) !== -1)
        .filter((target) => floorOf(target) !== -1 && floorOf(target) < floorOf(file))
        .map((target) => `${file} → ${target}`),
    );
    expect(upward).toEqual([]);
  });

  test("no import circle, type-only imports included", () => {
    const graph = new Map(everything.map(({ file, imports }) => [file, imports]));
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      else if (!done.has(file)) {
        for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
        done.add(file);
      }
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  test("the program imports neither scripts nor tests, and nothing imports a test", () => {
    const strays = everything.flatMap(({ file, imports }) =>
      imports
        .filter((target) => target.endsWith(".test.ts") || (isIn("src/")(file) && !isIn("src/")(target)))
        // The program's name and version.
        .filter((target) => target !== "package.json")
        .map((target) => `${file} → ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test("anthropic/ knows no plan, no catalogue and no upstream", () => {
    const strays = sources.filter(
      ({ file, imports }) =>
        file.startsWith("anthropic/") && imports.some((target) => /^(plan|upstream|catalog)\//.test(target)),
    );
    expect(strays.map((s) => s.file)).toEqual([]);
  });

  test("a protocol's folder is imported through its door only, never by another protocol or a neutral room", () => {
    const protocols = files
      .filter((file) => /^upstream\/[^/]+\/protocol\.ts$/.test(file))
      .map((file) => file.replace(/protocol\.ts$/, ""));
    expect(protocols).not.toEqual([]);
    const strays = sources.flatMap(({ file, imports }) =>
      imports
        .filter((target) => protocols.some((room) => isIn(room)(target) && !isIn(room)(file)))
        .filter((target) => !(file === "upstream/read-reply.ts" && target.endsWith("/protocol.ts")))
        .map((target) => `${file} → ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test("only commands, server, guard, routes and plan see the configuration", () => {
    const rooms = [
      "main.ts",
      "config/",
      "commands/",
      "server.ts",
      "guard.ts",
      "cors.ts",
      "routes/",
      "journey/",
      "plan/",
    ];
    const strays = sources.filter(
      ({ file, imports }) =>
        imports.includes("config/read-config.ts") && !rooms.some((room) => isIn(room)(file)),
    );
    expect(strays.map((s) => s.file)).toEqual([]);
  });

  test("the demo backend imports nothing else", () => {
    const strays = sources.filter(
      ({ file, imports }) =>
        file.startsWith("demo/") && imports.some((target) => !target.startsWith("demo/")),
    );
    expect(strays.map((s) => s.file)).toEqual([]);
  });

  test("only main.ts reads process", () => {
    expect(
      only(/\bprocess\.|\bBun\.(?:env|argv)\b|\bimport\.meta\.env\b|["']node:process["']/, "main.ts"),
    ).toEqual([]);
  });

  test("only send.ts fetches", () => {
    expect(only(/(?<![.\w])fetch\(/, "upstream/transport/send.ts")).toEqual([]);
  });

  test("only the server and the demo backend listen", () => {
    expect(only(/\bBun\.serve\b/, "server.ts", "demo/")).toEqual([]);
  });

  test("only the quirks name a provider", () => {
    const providers =
      /["'`](?:openrouter|openai|azure|xai|deepseek|gemini|mistral|groq|ollama|vllm|llamacpp|lmstudio|moonshot|zai|qwen|minimax)["'`]/i;
    const named = sources.filter(({ code }) => providers.test(withoutComments(code))).map((s) => s.file);
    expect(named.filter((file) => file !== "catalog/choose-quirks.ts")).toEqual([]);
  });

  const room = "catalog/claude-code/";
  const strangers = sources.filter(({ file }) => !isIn(room)(file));

  test("the room about Claude Code has one door", () => {
    const strays = strangers.flatMap(({ file, imports }) =>
      imports
        .filter((target) => isIn(room)(target) && target !== `${room}claude-code.ts`)
        .map((target) => `${file} → ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test("each fact about Claude Code names a version it was seen in", () => {
    const facts = sources
      .filter(({ file }) => isIn(room)(file))
      .flatMap(({ code }) => code.split(/(?=^\/\*\*)/m).filter((part) => /^export const/m.test(part)));
    expect(facts).not.toEqual([]);
    expect(facts.filter((fact) => !/\b2\.1\.\d+/.test(fact))).toEqual([]);
  });

  test("only the room about Claude Code writes its strings", () => {
    // A plain word in lower case may mean anything, and the product's name is for users to read.
    const strings = stringsIn(claudeCode).filter((text) => /[^a-z]/.test(text) && text !== "Claude Code");
    const patterns = [
      /\b(?:CLAUDE_CODE_|x-claude-code-|claude-cli\b)/,
      ...strings.map((text) => new RegExp(`(?<!\\w)${RegExp.escape(text)}`)),
    ];
    const strays = strangers.flatMap(({ file, code }) =>
      patterns
        .filter((pattern) => pattern.test(withoutComments(code)))
        .map((pattern) => `${file}: ${pattern.source}`),
    );
    expect(strays).toEqual([]);
  });

  test("no any, no silenced compiler", () => {
    const shipped = everything.filter(({ file }) => !isIn("test/")(file));
    const loose = shipped.filter(
      ({ code }) =>
        /\bas any\b|: any\b|<any>|\bas unknown as\b/.test(bare(code)) ||
        /@ts-(?:ignore|expect-error|nocheck)/.test(code),
    );
    expect(loose.map((s) => s.file)).toEqual([]);
  });
});
