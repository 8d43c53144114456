import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseCall, isFailure } from "../../src/demo/choose-call.ts";
import { projectFiles } from "../../src/demo/choose-file.ts";
import { readConversation } from "../../src/demo/read-conversation.ts";
import { chatRequest } from "../../src/demo/wire.ts";

const user = (content: string) => ({ role: "user", content });
const tool = (name: string, ...required: string[]) => ({
  type: "function",
  function: {
    name,
    parameters: {
      type: "object",
      properties: Object.fromEntries(required.map((key) => [key, { type: "string" }])),
      required,
    },
  },
});
const called = (path: string) => ({
  role: "assistant",
  tool_calls: [
    { id: "c", type: "function", function: { name: "Read", arguments: JSON.stringify({ file_path: path }) } },
  ],
});

function choose(messages: readonly object[], more: object = {}) {
  const request = chatRequest.parse({ model: "any", messages, ...more });
  return chooseCall(request, readConversation(request));
}

describe("the tool", () => {
  test.each([
    [["Bash", "Write", "Edit", "Task"], undefined],
    [["delete_file", "get_and_delete", "WebFetch", "search_and_replace"], undefined],
    [["Bash", "Glob"], "Glob"],
    [["get_weather"], "get_weather"],
    [["mcp__files__list_directory"], "mcp__files__list_directory"],
  ])("of %j is %p", (names, expected) => {
    expect(choose([user("Hi")], { tools: names.map((name) => tool(name)) })?.name).toBe(expected as string);
  });

  test("is one that reads files, if there is one", () => {
    const tools = [tool("ListAgents"), tool("ReadNotebook"), tool("Read", "file_path")];
    expect(choose([user("Hi")], { tools })).toEqual({ name: "Read", arguments: '{"file_path":"README.md"}' });
  });

  test("is otherwise the one with the fewest required arguments", () => {
    const tools = [tool("Search", "query", "limit"), tool("List")];
    expect(choose([user("Hi")], { tools })).toEqual({ name: "List", arguments: "{}" });
  });
});

describe("the file", () => {
  const tools = [tool("Read", "file_path")];
  const system = (directory: string) => ({
    role: "system",
    content: `# Env\n - working directory: ${directory}\n - x`,
  });
  const pathOf = (messages: readonly object[]) =>
    JSON.parse(choose(messages, { tools })?.arguments ?? "{}").file_path;

  test("has an absolute path if the client says where it works", () => {
    expect(pathOf([system("/home/me/a b"), user("Hi")])).toBe("/home/me/a b/README.md");
    expect(pathOf([system("C:\\me"), user("Hi")])).toBe("C:\\me\\README.md");
  });

  test("is another one if there is no such file, until all were tried", () => {
    const messages: object[] = [user("Hi")];
    for (const file of projectFiles) {
      expect(pathOf(messages)).toBe(file);
      messages.push(called(file), { role: "tool", content: "File does not exist." });
    }
    expect(choose(messages, { tools })).toBeUndefined();
  });

  describe("of a project on this machine", () => {
    let project: string;
    beforeAll(() => {
      project = mkdtempSync(join(tmpdir(), "project-"));
    });
    afterAll(() => rmSync(project, { recursive: true, force: true }));

    test("is one that is there, and none in an empty directory", () => {
      expect(choose([system(project), user("Hi")], { tools })).toBeUndefined();
      writeFileSync(join(project, "package.json"), "{}");
      expect(pathOf([system(project), user("Hi")])).toBe(join(project, "package.json"));
    });
  });

  describe("where a tool lists files", () => {
    const both = [tool("Read", "file_path"), tool("list_directory", "path")];
    const look = {
      role: "assistant",
      tool_calls: [{ function: { name: "list_directory", arguments: "{}" } }],
    };

    test("is read after looking", () => {
      const asked = [system("/home/me/elsewhere"), user("Hi")];
      expect(choose(asked, { tools: both })).toEqual({
        name: "list_directory",
        arguments: '{"path":"/home/me/elsewhere"}',
      });
      const listed = (content: string) =>
        choose([...asked, look, { role: "tool", content }], { tools: both })?.arguments;
      expect(listed("src/a.ts\nmain.py\n.env")).toBe('{"file_path":"/home/me/elsewhere/main.py"}');
      expect(listed("/other/README.md")).toBe('{"file_path":"/other/README.md"}');
      expect(listed("No files found")).toBeUndefined();
    });

    test("tools that list something else do not count", () => {
      const other = [tool("Read", "file_path"), tool("ListAgents"), tool("ListModels")];
      expect(choose([user("Hi")], { tools: other })?.name).toBe("Read");
    });
  });

  test("is read once in a conversation", () => {
    const read = [user("Hi"), called("README.md"), { role: "tool", content: "# Title" }];
    expect(choose(read, { tools })).toBeUndefined();
    expect(choose([...read, { role: "assistant", content: "x" }, user("And?")], { tools })).toBeUndefined();
  });
});

describe("tool_choice", () => {
  test("none means none", () => {
    expect(choose([user("Hi")], { tools: [tool("List")], tool_choice: "none" })).toBeUndefined();
  });

  test("a name, or a demand, brings a call even of a tool that looks risky, without a real path", () => {
    const tools = [tool("delete_file", "path")];
    for (const tool_choice of ["required", { type: "function", function: { name: "delete_file" } }])
      expect(choose([user("Hi")], { tools, tool_choice })).toEqual({
        name: "delete_file",
        arguments: '{"path":"demo"}',
      });
  });
});

test("failures are recognized in the words of tools", () => {
  for (const words of ["Error: x", "<tool_use_error>x", "cat: no such file", "File does not exist."])
    expect(isFailure(words)).toBe(true);
  expect(isFailure("# Errors and how to read them")).toBe(false);
});
