import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { createSecretReader } from "../../src/config/read-secrets.ts";

const env = { ROUTER_KEY: " sk-router\n", EMPTY: " " };
const files: Readonly<Record<string, string>> = {
  "/run/key": "sk-file\n",
  "/etc/ccp/own": "sk-own",
  "/run/no": "",
};

function open() {
  const reader = createSecretReader({ path: "/etc/ccp/config.toml", env, readFile: (path) => files[path] });
  /** The text that is read, or what is wrong with it. */
  const read = (how: "insert" | "insertSecret" | "readKey", given: string) => {
    const { data, error } = z.string().transform(reader[how]).safeParse(given);
    return data ?? error?.issues.map(({ message }) => message);
  };
  return { reader, read };
}

test("variables are inserted, and those in which secrets were are listed", () => {
  const { reader, read } = open();
  expect(read("insert", `https://\${ROUTER_KEY}/v1`)).toBe("https://sk-router/v1");
  expect(reader.listVariables()).toEqual([]);
  expect(read("insertSecret", `Bearer \${ROUTER_KEY}`)).toBe("Bearer sk-router");
  expect(read("readKey", `\${ROUTER_KEY}`)).toBe("sk-router");
  expect(reader.listVariables()).toEqual(["ROUTER_KEY"]);
});

test("a key may be in a file, whose path may be relative to the config.toml", () => {
  const { reader, read } = open();
  expect([read("readKey", "file:/run/key"), read("readKey", "file:own")]).toEqual(["sk-file", "sk-own"]);
  expect(reader.sawKey()).toBe(false);
});

test("a key in clear is noticed; the word for the client's own key is none", () => {
  const { reader, read } = open();
  expect([read("readKey", "caller"), reader.sawKey()]).toEqual(["caller", false]);
  expect([read("readKey", "sk-clear"), reader.sawKey()]).toEqual(["sk-clear", true]);
});

describe("an error says what is wrong with", () => {
  const rows = [
    ["a variable without a value", `\${EMPTY}`, "the variable EMPTY is not set"],
    ["a variable without a name", `\${}`, `\${} must be a variable such as \${OPENAI_API_KEY}`],
    ["a variable without braces", "$ROUTER_KEY", `write \${ROUTER_KEY} for the variable ROUTER_KEY`],
    ["a missing file", "file:gone", "there is no file /etc/ccp/gone"],
    ["an empty file", "file:/run/no", "the file /run/no is empty"],
  ] as const;
  for (const [name, given, message] of rows)
    test(name, () => expect(open().read("readKey", given)).toEqual([message]));
});
