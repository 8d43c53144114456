import { describe, expect, test } from "bun:test";
import { findProviders } from "./support/find-providers.ts";
import { annexes, floors } from "./support/floors.ts";
import { everything, isIn, type Source, withoutComments } from "./support/sources.ts";

/** The source files, with their imports; all paths are relative to `src`. */
const sources: readonly Source[] = everything
  .filter(({ file }) => file.startsWith("src/"))
  .map(({ file, code, imports }) => ({
    file: file.slice("src/".length),
    code,
    imports: imports.map((target) => target.replace(/^src\//, "")),
  }));
const files = sources.map(({ file }) => file);

const floorOf = (file: string) => floors.findIndex((rooms) => rooms.some((room) => isIn(room)(file)));

/** Code without comments and string contents, for rules about what it does. */
const bare = (code: string) => withoutComments(code).replace(/"(?:[^"\\\n]|\\.)*"/g, '""');

const only = (pattern: RegExp, ...rooms: string[]) =>
  sources
    .filter(({ file, code }) => pattern.test(bare(code)) && !rooms.some((room) => isIn(room)(file)))
    .map((s) => s.file);

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

  test("anthropic/ knows no plan, no catalog and no upstream", () => {
    const strays = sources.filter(
      ({ file, imports }) =>
        file.startsWith("anthropic/") && imports.some((target) => /^(plan|upstream|catalog)\//.test(target)),
    );
    expect(strays.map((s) => s.file)).toEqual([]);
  });

  test("a protocol's folder is imported through its door only, never by another protocol or a neutral room", () => {
    const doors = ["upstream/read-reply.ts", "upstream/count-tokens.ts"];
    const protocols = files
      .filter((file) => /^upstream\/[^/]+\/protocol\.ts$/.test(file))
      .map((file) => file.replace(/protocol\.ts$/, ""));
    expect(protocols).not.toEqual([]);
    const strays = sources.flatMap(({ file, imports }) =>
      imports
        .filter((target) => protocols.some((room) => isIn(room)(target) && !isIn(room)(file)))
        .filter((target) => !(doors.includes(file) && target.endsWith("/protocol.ts")))
        .map((target) => `${file} → ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test("only commands, server, guard, routes and plan see the configuration", () => {
    const rooms = [
      "main.ts",
      "process/",
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

  test("only main.ts and its room read process", () => {
    expect(
      only(
        /\bprocess\.|\bBun\.(?:env|argv)\b|\bimport\.meta\.env\b|["']node:process["']/,
        "main.ts",
        "process/",
      ),
    ).toEqual([]);
  });

  test("only send.ts fetches", () => {
    expect(only(/(?<![.\w])fetch\(/, "upstream/transport/send.ts", "page/browser/")).toEqual([]);
  });

  test("only the server and the demo backend listen", () => {
    expect(only(/\bBun\.serve\b/, "server.ts", "demo/")).toEqual([]);
  });

  test("what every start loads uses zod/mini, not zod", () => {
    const whole = sources.filter(({ code }) => /from "zod"/.test(withoutComments(code)));
    const rooms = ["commands/", "config/", "demo/"];
    expect(whole.filter(({ file }) => !rooms.some((room) => isIn(room)(file))).map((s) => s.file)).toEqual(
      [],
    );
  });

  test("only the catalog of backends names a provider", () => {
    /** Where people read or write the names, or where they are not those of a backend. */
    const exempt = [
      // Default values, and Azure's API version
      "config/variables.ts",
      // An example
      "commands/write-help.ts",
      // Families of models, which have many hosts
      "catalog/model-families.ts",
      "catalog/token-rules.ts",
      // What keys begin with
      "lib/redact.ts",
    ];
    const named = sources.filter(
      ({ file, code }) => !isIn("catalog/backends/")(file) && findProviders(code).length > 0,
    );
    expect(named.map(({ file }) => file).sort()).toEqual(exempt.sort());
  });

  test("a backend's file and name stay in the catalog", () => {
    const ofBackend = /^catalog\/backends\/(?!known-backends?\.ts$)/;
    const strays = sources.filter(
      ({ file, imports }) => !isIn("catalog/")(file) && imports.some((target) => ofBackend.test(target)),
    );
    expect(strays.map(({ file }) => file)).toEqual([]);
    expect(
      only(
        /\bquirks\.name\b/,
        "catalog/",
        "routes/root.ts",
        "journey/record-message.ts",
        "journey/count-own-call.ts",
      ),
    ).toEqual([]);
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

  test("every file with logic has a test of its name, and every test of a room has its file", () => {
    const isTest = /^test\/(.*?)\.(?:[\w-]+\.)?test\.ts$/;
    const tests = everything.flatMap(({ file }) => isTest.exec(file)?.[1] ?? []);
    const untested = sources
      .filter(({ file, code }) => hasLogic(code) && !tests.includes(file.replace(/\.ts$/, "")))
      .map(({ file }) => file)
      // Tested as a whole program, by `test/main.*.test.ts`.
      .filter((file) => !isIn("process/")(file));
    expect(untested).toEqual(Object.keys(testedElsewhere));
    const rooms = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
    // Whole exchanges are beside the tests of `src/journey/`.
    rooms.delete("journey");
    const astray = tests.filter((name) => rooms.has(name.split("/")[0]) && !files.includes(`${name}.ts`));
    expect(astray).toEqual([]);
  });
});

/** Files that need no test of their own, and why. */
const testedElsewhere: Readonly<Record<string, string>> = {
  "lib/read-pdf-worker.ts": "runs only as a thread of lib/read-pdf.ts",
  "page/browser/app.ts": "needs a browser: scripts/smoke-page",
  "page/browser/chart.ts": "needs a browser: scripts/smoke-page",
  "page/browser/dom.ts": "needs a browser: scripts/smoke-page",
  "page/browser/draw-recent.ts": "needs a browser: scripts/smoke-page",
  "page/browser/login.ts": "needs a browser: scripts/smoke-page",
  "page/browser/make-table.ts": "needs a browser: scripts/smoke-page",
  "page/browser/message-columns.ts": "needs a browser: scripts/smoke-page",
  "page/browser/tables.ts": "needs a browser: scripts/smoke-page",
  "telemetry/usage/usage-worker.ts": "runs only as a thread of telemetry/usage/store.ts",
};

/** Whether a file does anything: types and plain data contain no function. */
function hasLogic(code: string): boolean {
  // Otherwise a macro would run.
  const plain = code.replace(/ with \{[^}]*\}/g, "");
  return /\bfunction\b|=>/.test(new Bun.Transpiler({ loader: "ts" }).transformSync(plain));
}
