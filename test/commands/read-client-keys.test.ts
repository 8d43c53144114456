import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readClientKeys } from "../../src/commands/read-client-keys.ts";
import { digestKey } from "../../src/config/client-keys.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { testConfig } from "../support/proxy.ts";

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "clients-"));
  file = join(home, "clients");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const config = (path = file) => testConfig({ server: { clients: { keys: [], file: path } } });

describe("a file of client keys", () => {
  test("is read, and holds only hashes afterwards", () => {
    writeFileSync(file, "# team\nalice:one\n", { mode: 0o640 });
    const { clients } = readClientKeys(config(), { rewrites: true }).server;
    expect(clients.keys).toEqual([{ name: "alice", digest: digestKey("one"), key: "one" }]);
    expect(readFileSync(file, "utf8")).toBe(`# team\nalice:sha256:${digestKey("one")}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(home)).toEqual(["clients"]);
    const again = readClientKeys(config(), { rewrites: true }).server.clients.keys;
    expect(again).toEqual([{ name: "alice", digest: digestKey("one"), key: undefined }]);
  });

  test("stays as it is for those that only read it", () => {
    writeFileSync(file, "alice:one\n");
    readClientKeys(config(), { rewrites: false });
    expect(readFileSync(file, "utf8")).toBe("alice:one\n");
  });

  test("that does not exist is not named if it may be a key without a name", () => {
    const refuse = (given: string): string => {
      try {
        readClientKeys(config(given), { rewrites: true });
      } catch (error) {
        return String(error);
      }
      throw new Error(`${given} was accepted`);
    };
    for (const key of ["sk-secret-123", "c2VjcmV0/MTIz", "one,two", "sk.secret"]) {
      expect(refuse(key)).toContain(`CLIENT_KEYS (hidden, ${key.length} characters)`);
      expect(refuse(key)).not.toContain(key);
    }
    for (const path of [file, "./clients-of-nobody", "nobody.txt"]) expect(refuse(path)).toContain(path);
  });

  test("may be a link, which stays one", () => {
    writeFileSync(join(home, "real"), "alice:one\n");
    symlinkSync("real", file);
    readClientKeys(config(), { rewrites: true });
    expect(readFileSync(join(home, "real"), "utf8")).toContain("sha256:");
    expect(readdirSync(home).sort()).toEqual(["clients", "real"]);
  });

  test("is used with a warning if it cannot be written", () => {
    // No file beside it can have a longer name.
    const long = join(home, "n".repeat(255));
    writeFileSync(long, "alice:one\n");
    const { server, warnings } = readClientKeys(config(long), { rewrites: true });
    expect(server.clients.keys).toHaveLength(1);
    expect(warnings.join()).toContain("cannot be hashed there");
    expect(warnings.join()).not.toContain("one");
    expect(readFileSync(long, "utf8")).toBe("alice:one\n");
    expect(readdirSync(home)).toEqual(["n".repeat(255)]);
  });

  test("prevents the start if it is missing, empty or wrong, and is not changed then", () => {
    const refuse = () => {
      try {
        readClientKeys(config(), { rewrites: true });
      } catch (error) {
        if (error instanceof ConfigError) return error.problems;
      }
      throw new Error("It was accepted");
    };
    expect(refuse()).toEqual([`CLIENT_KEYS: ${file} cannot be read: no such file or directory`]);
    writeFileSync(file, "# nobody\n");
    expect(refuse()).toEqual([`CLIENT_KEYS: ${file} has no keys`]);
    writeFileSync(file, "alice:one\nbob\ncarol:one\n");
    expect(refuse()).toEqual([
      `CLIENT_KEYS: ${file}, line 2: there is no colon`,
      `CLIENT_KEYS: ${file} must not give alice and carol the same key`,
    ]);
    expect(readFileSync(file, "utf8")).toBe("alice:one\nbob\ncarol:one\n");
  });
});
