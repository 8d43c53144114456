import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  clientLimits,
  digestKey,
  hashClientFile,
  keysIn,
  readClientFile,
} from "../../src/config/client-keys.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { readConfig } from "../../src/config/read-config.ts";

const read = (text: string) =>
  readConfig({ flags: {}, env: { OPENAI_API_KEY: "k", CLIENT_KEYS: text }, file: undefined }).server.clients;

/** What is said about a text that is refused. */
function refuse(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error(`${text} was accepted`);
}

describe("the list", () => {
  test("names each key", () => {
    expect(read("alice:sk-1, bob:sk:2 ,alice:sk-3").keys).toEqual([
      { name: "alice", digest: digestKey("sk-1"), key: "sk-1" },
      { name: "bob", digest: digestKey("sk:2"), key: "sk:2" },
      { name: "alice", digest: digestKey("sk-3"), key: "sk-3" },
    ]);
  });

  test("takes no damaged hash for a key", () => {
    for (const damaged of ["sha256:", `sha256:${"a".repeat(63)}`, `SHA256:${"z".repeat(64)}`])
      expect(refuse(`alice:${damaged}`)).toContain("the hash of alice must have 64 hexadecimal digits");
  });

  test("takes hashes in place of keys", () => {
    const digest = digestKey("secret");
    expect(read(`alice:sha256:${digest.toUpperCase()}`).keys).toEqual([
      { name: "alice", digest, key: undefined },
    ]);
  });

  test("is refused as a whole if one entry is wrong, and no key is shown", () => {
    expect(refuse("alice:key-one,key-two")).toContain("in number 2, there is no colon");
    expect(refuse("alice smith:key-one")).toContain(
      "in number 1, the name must begin with a letter or digit",
    );
    expect(refuse("alice:")).toContain("the key of alice must be printable ASCII");
    expect(refuse("alice:key-one,bob:key-one")).toContain("must not give alice and bob the same key");
    expect(refuse("a:,b:c d:e")).toContain("number 1");
    for (const text of ["alice:key-one,key-two", "alice smith:key-one", "alice:key-one,bob:key-one"])
      expect(refuse(text)).not.toMatch(/key-(?:one|two)/);
  });

  test("without a key is refused, because then everyone could come in", () => {
    expect(refuse(", :")).toContain("CLIENT_KEYS");
  });
});

test("what is no list is the path of a file", () => {
  for (const path of ["/etc/keys:old", "./keys", "keys.txt", "C:\\keys", "C:/keys", "\\\\host\\keys"])
    expect(read(path)).toEqual({ keys: [], file: path });
});

describe("the file", () => {
  const content = "# the team\n\nalice:one\r\n  bob:two  \nbob:three\n";

  test("has one key on each line", () => {
    expect(readClientFile(content).keys.map(({ name, key }) => [name, key])).toEqual([
      ["alice", "one"],
      ["bob", "two"],
      ["bob", "three"],
    ]);
    expect(readClientFile("alice:one\n\nbob\n").problems).toEqual([[3, "there is no colon"]]);
  });

  test("opens to the same keys when they are hashed, and keeps what else is in it", () => {
    const hashed = hashClientFile(content);
    expect(hashed).not.toMatch(/one|two|three/);
    expect(hashed).toStartWith("# the team\n\nalice:sha256:");
    const digests = (text: string) => readClientFile(text).keys.map(({ name, digest }) => ({ name, digest }));
    expect(digests(hashed)).toEqual(digests(content));
    expect(hashClientFile(hashed)).toBe(hashed);
  });

  test("never loses a line, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(hashClientFile(text).split("\n")).toHaveLength(text.split("\n").length);
      }),
    );
  });
});

test("the keys in a text are found even if it is wrong", () => {
  expect(keysIn("alice:one, two,bob:three:four")).toEqual(["one", "two", "three:four"]);
  expect(keysIn("/etc/claude-code-proxy/clients")).toEqual([]);
  expect(keysIn("sk-without-a-name")).toEqual(["sk-without-a-name"]);
});

test("limits are for each client, or for clients by name", () => {
  const limits = clientLimits();
  expect(limits("2.50")).toEqual({ "*": 2.5 });
  expect(limits("alice:5, bob:2.50,*:1")).toEqual({ alice: 5, bob: 2.5, "*": 1 });
  for (const wrong of ["0", "alice", "alice:", "alice:-1", "alice:0", ":5", "a b:5", "alice:5,,", "1.2.3"])
    expect(() => limits(wrong)).toThrow("must be US dollars");
});
