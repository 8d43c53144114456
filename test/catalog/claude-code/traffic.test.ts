import { expect, test } from "bun:test";
import { readHints } from "../../../src/catalog/claude-code/claude-code.ts";

test("hints are what the client says, and nothing else", () => {
  const headers = { "x-claude-code-request-class": "subagent", "x-claude-code-agent-type": "Explore" };
  expect(readHints(new Headers(headers))).toEqual({ requestClass: "subagent", agentType: "Explore" });
  const ids = { "x-claude-code-session-id": "s", "x-claude-code-agent-id": "a" };
  expect(readHints(new Headers(ids))).toEqual({ requestClass: undefined, agentType: undefined });
});
