import { describe, expect, test } from "bun:test";
import { writeReminder } from "../../../src/catalog/claude-code/reminders.ts";
import { loadsToolsItself, readSearchQuery, searchTask } from "../../../src/catalog/claude-code/tools.ts";

const tool = (name: string) => ({ type: "custom" as const, name, input_schema: { type: "object" } });

describe("loadsToolsItself", () => {
  test.each(["DeferredToolPlaceholder", "ToolSearch"])("for a client with %s", (name) => {
    expect(loadsToolsItself({ tools: [tool("Read"), tool(name)] })).toBe(true);
  });

  test("for Claude Code, by its system prompt", () => {
    const named = (words: string) => loadsToolsItself({ system: [{ type: "text", text: words }] });
    expect(named("You are Claude Code.")).toBe(true);
    expect(named("You are an assistant.")).toBe(false);
  });

  test("not for others", () => {
    expect(loadsToolsItself({ tools: [tool("Read")] })).toBe(false);
    expect(loadsToolsItself({})).toBe(false);
  });
});

test("a search query is the text without Claude Code's task and reminders", () => {
  expect(readSearchQuery(`${searchTask} bun 1.4`)).toBe("bun 1.4");
  expect(readSearchQuery(`${writeReminder("Today is Monday")}\n${searchTask} bun 1.4 `)).toBe("bun 1.4");
  expect(readSearchQuery(" bun 1.4 ")).toBe("bun 1.4");
});
