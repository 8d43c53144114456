import { expect, test } from "bun:test";
import { chooseFile, listFiles } from "../../src/demo/choose-file.ts";

test.each([
  [["main.ts", "package.json", "README.md"], "README.md"],
  [["readme.md", "a.md"], "readme.md"],
  [["README", "a.txt"], "README"],
  [["logo.png", "notes.txt"], "notes.txt"],
  [["deep/er/README.md", "main.go"], "main.go"],
  [["/w/src/a.ts", "/w/src/package.json"], "/w/src/package.json"],
  [["C:\\w\\README.md"], "C:\\w\\README.md"],
  [[".env", ".gitignore", "logo.png", "key.pem"], undefined],
  [[], undefined],
])("of %j, %p", (paths, expected) => {
  expect(chooseFile(paths)).toBe(expected as string);
});

test("only files of this machine are listed", () => {
  expect(listFiles(import.meta.dir)).toContain("choose-file.test.ts");
  expect(listFiles("/no/such/directory")).toBeUndefined();
});
