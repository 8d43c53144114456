import { describe, expect, test } from "bun:test";
import { everything, resolveImport } from "./support/sources.ts";

type Export = { readonly file: string; readonly name: string };
type Import = Export & { readonly by: string };

const declaration = /^export (?:async )?(?:function\*?|const|let|class|type|interface|enum) (\w+)/gm;
const list = /^(import|export) (?:type )?\{([^}]*)\} from "(\.[^"]+)"/gm;
const namespace = /^import (?:type )?\* as \w+ from "(\.[^"]+)"/gm;
const dynamic = /const \{([^}]*)\} = await import\("(\.[^"]+)"\)/g;
const passedOn = /^export \* from "(\.[^"]+)"/gm;

const names = (clause: string): string[] =>
  clause.split(",").flatMap((part) => /^(?:type )?(\w+)/.exec(part.trim())?.[1] ?? []);

const exported: Export[] = everything.flatMap(({ file, code }) =>
  file.startsWith("src/") ? [...code.matchAll(declaration)].map(([, name = ""]) => ({ file, name })) : [],
);

/** A file that re-exports all of another one passes on what is imported from it. */
const behind = new Map<string, string[]>();
for (const { file, code } of everything) {
  const targets = [...code.matchAll(passedOn)].map(([, specifier = ""]) => resolveImport(specifier, file));
  if (targets.length > 0) behind.set(file, targets);
}

const imported: Import[] = everything.flatMap(({ file: by, code }) =>
  [
    ...[...code.matchAll(list)].map(([, , clause, specifier = ""]) => ({ clause, specifier })),
    ...[...code.matchAll(dynamic)].map(([, clause, specifier = ""]) => ({ clause, specifier })),
    ...[...code.matchAll(namespace)].map(([, specifier = ""]) => ({ clause: undefined, specifier })),
  ].flatMap(({ clause, specifier }) => {
    const door = resolveImport(specifier, by);
    const rooms = [door, ...(behind.get(door) ?? [])];
    if (clause === undefined)
      return exported.filter(({ file }) => rooms.includes(file)).map((all) => ({ ...all, by }));
    return names(clause).flatMap((name) => rooms.map((file) => ({ file, name, by })));
  }),
);

/** A test of the file itself, or of its room, needs what it tests. */
const isOwnTest = (test: string, file: string): boolean =>
  test.startsWith(`test/${file.slice("src/".length).replace(/[^/]*$/, "")}`);

/** Types, exported or not. */
const typeDeclaration = /^(?:export )?(?:type|interface|class|enum) (\w+)/gm;

describe("exports of src", () => {
  test("each name is exported by one file", () => {
    expect(exported).not.toEqual([]);
    const places = Map.groupBy(exported, ({ name }) => name);
    const twice = [...places].filter(([, found]) => found.length > 1);
    expect(twice.map(([name, found]) => `${name}: ${found.map(({ file }) => file).join(", ")}`)).toEqual([]);
  });

  test("no type of a file's own has the name of a type that another file exports", () => {
    const owners = new Map(exported.map(({ file, name }) => [name, file]));
    const twice = everything
      .filter(({ file }) => file.startsWith("src/"))
      .flatMap(({ file, code }) =>
        [...code.matchAll(typeDeclaration)]
          .filter(([, name = ""]) => (owners.get(name) ?? file) !== file)
          .map(([, name = ""]) => `${file}: ${name} of ${owners.get(name)}`),
      );
    expect(twice).toEqual([]);
  });

  test("each is imported by another file, which a test is only where it tests that room", () => {
    const users = Map.groupBy(imported, ({ file, name }) => `${file} ${name}`);
    const dead = exported.filter(
      ({ file, name }) =>
        !users
          .get(`${file} ${name}`)
          ?.some(({ by }) => by !== file && (!by.startsWith("test/") || isOwnTest(by, file))),
    );
    expect(dead.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });
});
