import { describe, expect, test } from "bun:test";
import { tokenRulesFor } from "../../src/catalog/token-rules.ts";

describe("a family is recognized by the model's name at any host", () => {
  const rows: readonly [model: string, encoding: string, ratio: number][] = [
    ["gpt-4", "cl100k", 1],
    ["gpt-4-0613", "cl100k", 1],
    ["gpt-3.5-turbo", "cl100k", 1],
    ["gpt-4o", "o200k", 1],
    ["gpt-4.1-mini", "o200k", 1],
    ["openai/gpt-5.4", "o200k", 1],
    ["openai/gpt-oss-120b", "o200k", 1],
    ["GPT-5", "o200k", 1],
    ["o3", "o200k", 1],
    ["anthropic/claude-opus-4.6", "o200k", 1.2],
    ["anthropic/claude-opus-4.7", "o200k", 1.4],
    ["claude-opus-5-5", "o200k", 1.4],
    ["deepseek-chat", "o200k", 1.075],
  ];
  for (const [model, encoding, ratio] of rows) {
    test(model, () => expect(tokenRulesFor(model)).toMatchObject({ encoding, ratio }));
  }
});
