import { expect, test } from "bun:test";
import {
  askForSummary,
  continueFrom,
  writeToolChanges,
} from "../../../src/adapt/conversation/ask-for-summary.ts";
import { readMessagesRequest } from "../../../src/anthropic/read-request.ts";
import { bodyOf } from "../../support/bodies.ts";
import { ask } from "../../support/proxy.ts";

const tools = [{ name: "save", input_schema: { type: "object" } }];
const change = (type: string, name: string) => ({ type, tool: { type: "tool_reference", name } });
const read = (changes: object) => readMessagesRequest(bodyOf(JSON.stringify(ask({ tools, ...changes }))));

test("a summary is asked for at the end of the same conversation, without a call or a form", () => {
  const request = read({
    tool_choice: { type: "any" },
    stop_sequences: ["x"],
    output_config: { effort: "low", format: { type: "json_schema", schema: {} } },
  });
  const asking = askForSummary(request, "  ");
  expect(asking.messages.slice(0, -1)).toEqual(request.messages);
  expect(JSON.stringify(asking.messages.at(-1))).toContain("Summarize this conversation");
  expect(asking).toMatchObject({ tool_choice: { type: "none" }, output_config: { effort: "low" } });
  expect([asking.stop_sequences, asking.output_format, asking.output_config?.format]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("the conversation goes on from the summary with the user's last words and the last change of each tool", () => {
  const messages = [
    { role: "user", content: "old" },
    { role: "system", content: [change("tool_removal", "save"), change("tool_removal", "find")] },
    { role: "assistant", content: "yes" },
    { role: "user", content: "new" },
    { role: "system", content: [change("tool_addition", "save")] },
  ];
  const request = read({ messages });
  const changes = [change("tool_addition", "save"), change("tool_removal", "find")];
  expect(writeToolChanges(request)).toEqual(changes);
  const [summary, said] = continueFrom("SUM", request).messages;
  expect<unknown>(summary?.content).toEqual([{ type: "compaction", content: "SUM", tool_changes: changes }]);
  expect(said?.content).toMatchObject([{ type: "text", text: "new" }]);
});
