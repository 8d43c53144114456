import { expect, test } from "bun:test";
import { messagesRequest } from "../../../src/anthropic/wire.ts";
import { isClaudeCode, isSafetyCheck } from "../../../src/catalog/claude-code/claude-code.ts";
import { billing, full, identity, promptOf } from "../../support/prompts.ts";
import { ask } from "../../support/proxy.ts";

test("Claude Code is recognized by its billing header, or by its name near the beginning of a block", () => {
  expect(isClaudeCode([billing, "Anything"])).toBe(true);
  expect(isClaudeCode(["Anything", identity])).toBe(true);
  expect(isClaudeCode(["You are built on the Claude Agent SDK."])).toBe(true);
  expect(isClaudeCode(["You answer questions about law."])).toBe(false);
  expect(isClaudeCode([`${"Be kind. ".repeat(50)}Many people use Claude Code.`])).toBe(false);
  expect(isClaudeCode([])).toBe(false);
});

test("the client's check of an action is recognized in both of its stages", () => {
  const system = `${billing}\nYou are a security monitor for agents.`;
  const isCheck = (changes: Record<string, unknown>) => isSafetyCheck(messagesRequest.parse(ask(changes)));
  expect(isCheck({ stop_sequences: ["</severity>"] })).toBe(true);
  expect(isCheck({ stop_sequences: ["</block>"] })).toBe(true);
  expect(isCheck({ system })).toBe(true);
  expect(isCheck({ system: promptOf(full) })).toBe(false);
  expect(isCheck({ system, tools: [{ name: "Bash", input_schema: { type: "object" } }] })).toBe(false);
});
