import { expect, test } from "bun:test";
import { readMessagesRequest } from "../../src/anthropic/read-request.ts";
import { noteIgnored } from "../../src/plan/note-ignored.ts";
import { bodyOf } from "../support/bodies.ts";
import { ask } from "../support/proxy.ts";

function notesOf(changes: Record<string, unknown>): string[] {
  const notes: string[] = [];
  noteIgnored(readMessagesRequest(bodyOf(JSON.stringify(ask(changes)))), (words) => notes.push(words));
  return notes;
}

test("what is honored or empty is not noted", () => {
  expect(
    notesOf({
      mcp_servers: [],
      container: "container_1",
      compaction: { type: "summarize" },
      context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
      tools: [{ name: "f", input_schema: {}, allowed_callers: ["direct", "code_execution_20250825"] }],
    }),
  ).toEqual([]);
});

test("the rest is named", () => {
  const notes = notesOf({
    mcp_servers: [{}],
    container: { skills: [{}] },
    output_config: { task_budget: { total: 1 } },
    compaction: { type: "new_compaction" },
    context_management: { edits: [{ type: "new_edit" }] },
    tools: [{ name: "f", input_schema: {}, allowed_callers: ["code_execution_20250825"] }],
  });
  expect(notes).toHaveLength(6);
  expect(notes.join("\n")).toMatch(/mcp_servers.*skills.*task_budget.*new_compaction.*new_edit.*tool f /s);
});
