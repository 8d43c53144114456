import { expect, test } from "bun:test";
import {
  messagesRequest,
  type RequestToolUseBlock,
  type ToolResultBlock,
} from "../../../src/anthropic/wire.ts";
import { commonQuirks } from "../../../src/catalog/quirks.ts";
import { matchResults, writeOrphan, writeResult } from "../../../src/upstream/content/match-results.ts";
import { assistant, call, result, user } from "../../support/chat-requests.ts";
import { ask } from "../../support/proxy.ts";

const options = {
  quirks: commonQuirks,
  toolName: (name: string) => name,
  withdrawn: new Set<string>(),
  note: () => {},
};

function parse(calls: readonly object[], results: readonly object[]) {
  const { messages } = messagesRequest.parse(ask({ messages: [assistant(...calls), user(...results)] }));
  const blocks = messages.flatMap(({ content }) => content);
  return {
    calls: blocks.filter((block): block is RequestToolUseBlock => block.type === "tool_use"),
    results: blocks
      .filter((block): block is ToolResultBlock => block.type === "tool_result")
      .map((block, at) => ({ block, at: `messages.1.content.${at}` })),
  };
}

const textsOf = (...given: Parameters<typeof parse>) => {
  const { calls, results } = parse(...given);
  const matched = matchResults(results, calls);
  return calls.map((call) => {
    const found = matched.get(call);
    return found && writeResult(found, options).map((part) => (part.type === "text" ? part.text : part.type));
  });
};

test("a call has the last result with its id, in any order", () => {
  const calls = [call("a"), call("b"), call("c")];
  const results = [result("b", "2"), result("a", "0"), result("a", "1")];
  expect(textsOf(calls, results)).toEqual([["1"], ["2"], undefined]);
});

test("calls that share an id have the results in order", () => {
  expect(textsOf([call("a"), call("a")], [result("a", "1"), result("a", "2")])).toEqual([["1"], ["2"]]);
});

test("an error and an empty result say so", () => {
  const failed = [
    result("a", "no such file", { is_error: true }),
    result("b"),
    result("c", "", { is_error: true }),
  ];
  expect(textsOf([call("a"), call("b"), call("c")], failed)).toEqual([
    ["Error: no such file"],
    ["(no output)"],
    ["Error: (no details)"],
  ]);
});

test("a result without a call names it", () => {
  const [orphan] = parse([], [result("gone", "1")]).results;
  expect(orphan && writeOrphan(orphan, options)).toEqual([
    { type: "text", text: "[Result of tool call gone]" },
    { type: "text", text: "1" },
  ]);
});
