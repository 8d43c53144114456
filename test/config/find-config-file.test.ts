import { expect, test } from "bun:test";
import { findConfigFile } from "../../src/config/find-config-file.ts";

const bytes = new TextEncoder().encode("");

function find(existing: string, named?: string) {
  return findConfigFile({
    named,
    platform: "linux",
    env: { HOME: "/home/me" },
    readFile: (path) => (path === existing ? { bytes, isShared: false } : undefined),
  })?.path;
}

const own = "/home/me/.config/claude-code-proxy/config.toml";

test("the named file, else the user's own", () => {
  expect(find("/home/me/a.toml", "/home/me/a.toml")).toBe("/home/me/a.toml");
  expect(find(own)).toBe(own);
  expect(find("/nowhere")).toBeUndefined();
});

test("one in the working directory is not read without being named", () => {
  expect(find("/home/me/config.toml")).toBeUndefined();
});

test("a named file must exist", () => {
  expect(() => find(own, "/home/me/missing.toml")).toThrow(
    "--config /home/me/missing.toml: there is no such file",
  );
});
