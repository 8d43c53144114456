import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createToolNames, type ToolName } from "../../../src/upstream/tools/choose-tool-names.ts";

const long = `mcp__${"server_".repeat(12)}`;
const namesOf = (...names: string[]) => createToolNames(names.map((name) => ({ name })));

test("plain names stay, others become their beginning and a hash", () => {
  const names = namesOf("Read", long, "a.b");
  expect(names.toUpstream("Read")).toBe("Read");
  expect(names.toUpstream(long)).toMatch(/^mcp__server_[\w]{43}_[0-9a-f]{8}$/);
  expect(names.toUpstream(long)).toHaveLength(64);
  expect(names.toUpstream("a.b")).toMatch(/^a_b_[0-9a-f]{8}$/);
});

test("a name is always shortened the same way, whatever other tools there are", () => {
  const short = namesOf(long).toUpstream(long);
  expect(namesOf("a.b", long, "Read").toUpstream(long)).toBe(short);
  expect(namesOf().toUpstream(long)).toBe(short);
});

test("an unknown name comes back unchanged", () => {
  expect(namesOf(long).toClient("Invented")).toEqual({ name: "Invented" });
});

test("a short name that a tool already has is not used twice", () => {
  const taken = namesOf(long).toUpstream(long);
  for (const order of [
    [long, taken],
    [taken, long],
  ]) {
    const names = namesOf(...order);
    expect(names.toUpstream(taken)).toBe(taken);
    expect(names.toUpstream(long)).not.toBe(taken);
    expect(order.map((name) => names.toClient(names.toUpstream(name)).name)).toEqual(order);
  }
});

describe("members of toolsets", () => {
  const screenshot = { name: "screenshot", toolset: "computer" };

  test("go by their own name, even where the toolset is not given", () => {
    const names = createToolNames([screenshot, { name: "Read" }]);
    expect(names.toUpstream("screenshot", "computer")).toBe("screenshot");
    expect(names.toUpstream("screenshot")).toBe("screenshot");
    expect(names.toClient("screenshot")).toEqual(screenshot);
  });

  test("get the toolset's name as a prefix where another tool has the same name", () => {
    const other = { name: "screenshot", toolset: "browser" };
    const names = createToolNames([screenshot, other]);
    expect(names.toUpstream("screenshot", "computer")).toBe("computer_screenshot");
    expect(names.toUpstream("screenshot", "browser")).toBe("browser_screenshot");
    expect(names.toClient("browser_screenshot")).toEqual(other);
    const own = createToolNames([{ name: "screenshot" }, screenshot]);
    expect(own.toUpstream("screenshot")).toBe("screenshot");
    expect(own.toClient("screenshot")).toEqual({ name: "screenshot" });
    expect(own.toClient("computer_screenshot")).toEqual(screenshot);
  });

  test("are recognized by either form of their name", () => {
    expect(createToolNames([screenshot]).toClient("computer_screenshot")).toEqual(screenshot);
    const names = createToolNames([screenshot, { name: "screenshot", toolset: "browser" }]);
    expect(names.toClient("screenshot")).toEqual(screenshot);
  });

  test("of a removed toolset are not confused with another tool", () => {
    expect(createToolNames([]).toUpstream("zoom", "computer")).toBe("zoom");
    expect(namesOf("zoom").toUpstream("zoom", "computer")).toBe("computer_zoom");
  });
});

test("any names become valid, unique and reversible", () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, maxLength: 130, unit: "grapheme" }),
    fc.constantFrom(long, "Read", "zoom", "computer_zoom", "browser_zoom"),
  );
  const tool: fc.Arbitrary<ToolName> = fc.record({
    name,
    toolset: fc.option(fc.constantFrom("computer", "browser"), { nil: undefined }),
  });
  const selector = ({ name, toolset }: ToolName) => JSON.stringify([toolset, name]);
  fc.assert(
    fc.property(fc.uniqueArray(tool, { maxLength: 12, selector }), (all) => {
      const names = createToolNames(all);
      const short = all.map(({ name, toolset }) => names.toUpstream(name, toolset));
      expect(short.every((one) => /^[a-zA-Z0-9_-]{1,64}$/.test(one))).toBe(true);
      expect(new Set(short).size).toBe(all.length);
      expect(short.map((one) => names.toClient(one))).toEqual(all);
    }),
  );
});

test("a name that can only mean one tool is that tool's", () => {
  const names = createToolNames([
    { name: "Bash" },
    { name: "mcp__git__log" },
    { name: "read" },
    { name: "Read" },
  ]);
  for (const said of [
    "bash",
    " Bash ",
    "BASH",
    "functions.Bash",
    "Bash()",
    "functions.Bash:0",
    "default_api:bash",
    "Bash<|channel|>json",
  ])
    expect([said, names.toClient(said)]).toEqual([said, { name: "Bash" }]);
  expect(names.toClient("mcp git log")).toEqual({ name: "mcp__git__log" });
  expect(names.toClient("read")).toEqual({ name: "read" });
  for (const said of ["READ", "Bash2", "functions.", "", "rm"])
    expect(names.toClient(said)).toEqual({ name: said });
});
