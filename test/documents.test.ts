/**
 * The documents for contributors name rooms, floors, files and versions. These tests compare each of these lists with
 * the code.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { version } from "../package.json";
import { clientVariables } from "../src/catalog/claude-code/claude-code.ts";
import { annexes, floors } from "./support/floors.ts";
import { everything } from "./support/sources.ts";

const root = join(import.meta.dir, "..");
const documents = [
  "README.md",
  "CHANGELOG.md",
  "src/README.md",
  "test/README.md",
  ".github/CONTRIBUTING.md",
  ".github/SECURITY.md",
] as const;
type Document = (typeof documents)[number];

const texts = Object.fromEntries(
  await Promise.all(documents.map(async (path) => [path, await read(path)] as const)),
) as Readonly<Record<Document, string>>;

function read(path: string): Promise<string> {
  return Bun.file(join(root, path)).text();
}

/** The files under a directory, relative to it, with `/` between parts. */
function listFiles(directory: string, pattern: string): string[] {
  return [...new Glob(pattern).scanSync(join(root, directory))].map((path) => path.replaceAll("\\", "/"));
}

/** The text under a heading of the second level. */
function findSection(document: Document, heading: string): string {
  const sections = texts[document].split(/^## /m);
  const section = sections.find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${document} has no section "${heading}"`);
  return section;
}

/** The first cell of each row of the first table, without backticks. */
function readTable(section: string): string[] {
  const [, , ...rows] = section.match(/^\|.*\|$/gm) ?? [];
  return rows.map((row) => /^\| ([^|]*) \|/.exec(row)?.[1]?.replaceAll("`", "").trim() ?? "");
}

const sources = listFiles("src", "**/*.ts");
const rooms = [...new Set(sources.filter((file) => file.includes("/")).map((file) => `${dirname(file)}/`))];

describe("src/README.md", () => {
  test("shows the floors that the walls guard", () => {
    const block = /^```\n(.*?)^```$/ms.exec(findSection("src/README.md", "Floors"))?.[1] ?? "";
    const shown = block.trimEnd().split("\n");
    expect(shown.map((line) => line.split(/ {2,}/, 1)[0]?.split(" "))).toEqual(
      floors.map((floor) => [...floor]),
    );
  });

  test("lists every room", () => {
    expect(readTable(findSection("src/README.md", "Rooms")).sort()).toEqual(rooms.toSorted());
  });

  test("names every annex", () => {
    for (const annex of annexes)
      expect(findSection("src/README.md", "Floors")).toContain(`\`${annex}\` is not on a floor`);
  });
});

test("test/README.md lists every room that does not mirror src", () => {
  const roomsOfTests = listFiles("test", "*/**/*").map((file) => `${file.split("/")[0]}/`);
  const mirrors = new Set(
    rooms.map((room) => `${room.split("/")[0]}/`).filter((room) => room !== "journey/"),
  );
  const others = [...new Set(roomsOfTests)].filter((room) => !mirrors.has(room));
  expect(readTable(texts["test/README.md"]).sort()).toEqual(others.sort());
});

/**
 * A door is the one file of a folder whose first comment begins with "Room `path/`:" and, in one paragraph, says what
 * the folder is for, and after "Not here:" what may not be in it.
 */
describe("every room has one door, whose comment says what may not be in it", async () => {
  const scriptRooms = new Set(listFiles("scripts", "*/*.ts").map((file) => `scripts/${dirname(file)}/`));
  const folders = [
    ...rooms.map((room) => ({ folder: `src/${room}`, name: room })),
    ...[...scriptRooms].map((folder) => ({ folder, name: folder })),
  ];
  test.each(folders)("$folder", async ({ folder, name }) => {
    const opening = /^\/\*\*\s+(?:\* )?(Room `.*?)(?:\n \*\n|\*\/)/s;
    const found: string[] = [];
    for (const file of listFiles(folder, "*.ts")) {
      const comment = opening.exec(await read(folder + file))?.[1];
      if (comment !== undefined) found.push(comment.replace(/\s+\*\s+/g, " ").trim());
    }
    expect(found).toEqual([expect.stringMatching(/^Room `[\w./-]+`: .+[.] Not here: .+[.]$/)]);
    expect(found[0]).toStartWith(`Room \`${name}\``);
  });
});

describe.each(documents)("%s", (document) => {
  test("links to what exists", async () => {
    const links = [...texts[document].matchAll(/\]\((?!https?:)([^)]*)\)/g)].map(([, link = ""]) => link);
    for (const link of links) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? document : join(dirname(document), path);
      expect({ link, exists: existsSync(join(root, target)) }).toEqual({ link, exists: true });
      if (anchor === undefined) continue;
      const headings = [...(await read(target)).matchAll(/^#+ (.*)$/gm)].map(([, words = ""]) =>
        toAnchor(words),
      );
      expect(headings).toContain(anchor);
    }
  });
});

/** The anchor that GitHub gives a heading. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

/** Paths in backticks: those of `src/README.md` may leave out the folders that the text has named before. */
describe.each(["src/README.md", "test/README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"] as const)(
  "paths in %s",
  (document) => {
    const tracked = ["src", "test", "scripts", ".github"].flatMap((directory) =>
      listFiles(directory, "**/*").map((path) => `/${directory}/${path}`),
    );
    const known = new Set(tracked.flatMap((path) => [path, `${dirname(path)}/`]));
    const isKnown = (path: string) => {
      const isComplete = existsSync(join(root, path));
      return isComplete || [...known].some((each) => each.endsWith(`/${path.replace(/^\.\//, "")}`));
    };
    test("exist", () => {
      const paths = [...texts[document].matchAll(/`(?!dist\/)((?:[\w.-]+\/)+[\w.-]*|[\w-]+\.ts)`/g)].map(
        ([, path = ""]) => path,
      );
      expect(paths.filter((path) => !isKnown(path))).toEqual([]);
    });
  },
);

test("files that comments name exist", () => {
  const files = everything.map(({ file }) => `/${file}`);
  const lost = everything.flatMap(({ file, code }) =>
    [...code.matchAll(/^ *(?:\/\*\*|\*|\/\/) .*$/gm)]
      .flatMap(([comment]) => [...comment.matchAll(/`([\w./-]+\.ts)`/g)])
      .filter(([, path = ""]) => !files.some((each) => each.endsWith(`/${path}`)))
      .map(([, path]) => `${file}: ${path}`),
  );
  expect(lost).toEqual([]);
});

test("README.md lists the variables that `run` sets", () => {
  const [sentence = ""] = /^It sets [^.]*/m.exec(findSection("README.md", "Reference")) ?? [];
  const names = [...sentence.matchAll(/`([A-Z][\w{},]*)/g)].flatMap(([, name = ""]) => {
    const [before = "", choices, after = ""] = name.split(/[{}]/);
    return (choices?.split(",") ?? [""]).map((choice) => before + choice + after);
  });
  expect(names.sort()).toEqual(Object.values<string>(clientVariables).sort());
});

/** Names in backticks that look like those of functions and types. */
test.each(["src/README.md", ".github/CONTRIBUTING.md"] as const)(
  "names in %s are in the code",
  (document) => {
    const code = everything.map(({ code }) => code).join("\n");
    const names = [...texts[document].matchAll(/`([A-Za-z]+[a-z][A-Z]\w*)`/g)].map(([, name = ""]) => name);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  },
);

test("CONTRIBUTING.md lists every wall", async () => {
  const walls = [...(await read("test/walls.test.ts")).matchAll(/^ {2}test\("(.*)",/gm)].map(
    ([, title = ""]) => title,
  );
  expect(readTable(findSection(".github/CONTRIBUTING.md", "Walls"))).toEqual(walls);
});

test("the README pins the version of package.json", () => {
  const pinned = [...texts["README.md"].matchAll(/@v(\d[\w.-]*)/g)].map(([, pin]) => pin);
  expect(new Set(pinned)).toEqual(new Set([version]));
});

describe("CHANGELOG.md", () => {
  const headings = [...texts["CHANGELOG.md"].matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading);

  test("begins with the version of package.json", () => {
    expect(headings[0]).toStartWith(`${version} - `);
  });

  test("gives each version a date, and only the newest may wait for one", () => {
    const [newest, ...released] = headings;
    expect(newest).toMatch(/^\d+\.\d+\.\d+ - (?:\d{4}-\d\d-\d\d|unreleased)$/);
    for (const heading of released) expect(heading).toMatch(/^\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d$/);
  });
});

test("scripts that the documents name are there and can be executed", () => {
  for (const document of documents) {
    const names = [...texts[document].matchAll(/\.\/(scripts\/[\w-]+)(?![\w/.-])/g)].map(
      ([, name = ""]) => name,
    );
    for (const name of new Set(names)) {
      const isProgram = (statSync(join(root, name), { throwIfNoEntry: false })?.mode ?? 0) & 0o100;
      expect({ name, isProgram: isProgram !== 0 || process.platform === "win32" }).toEqual({
        name,
        isProgram: true,
      });
    }
  }
});
