/**
 * Plays agent sessions to backends with other vocabularies, in all orders that once went wrong, and prints how far the
 * counts were off, and how many prompts that fit would have been refused. `bun scripts/simulate-counts.ts`.
 */
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { countTokens as p50k } from "gpt-tokenizer/encoding/p50k_base";
import { countTokens as r50k } from "gpt-tokenizer/encoding/r50k_base";
import { createTokenCounter } from "../src/plan/size/tokens.ts";
import { openaiChat } from "../src/upstream/openai-chat/protocol.ts";
import { countPrompt } from "../test/support/counting-backend.ts";
import { learn, planFor } from "../test/support/plans.ts";

const vocabularies = { o200k, cl100k, p50k, r50k };
const read = (path: string) => Bun.file(`${import.meta.dir}/../${path}`).text();
const code = await read("src/upstream/openai-chat/reply/read-chunk.ts");
const prose = await read("README.md");
const chinese =
  "这个函数在输入为空时返回错误的结果,请修改并补充测试用例。它的上限由配置决定,与模型无关。".repeat(40);
const csv = Array.from(
  { length: 200 },
  (_, i) => `${i},${i * 7919},${(i * 0.731).toFixed(4)},2026-11-${10 + (i % 20)}`,
).join("\n");

const kinds = {
  code,
  prose,
  chinese,
  csv,
  mixed: code.slice(0, 3000) + chinese.slice(0, 800) + csv.slice(0, 1500),
};
type Kind = keyof typeof kinds;

const tools = Array.from({ length: 12 }, (_, i) => ({
  name: `Tool${i}`,
  description: prose.slice(i * 700, i * 700 + 900),
  input_schema: { type: "object", properties: { path: { type: "string", description: "A path" } } },
}));

/** The requests of a session, each beginning with the previous one. */
function sessionOf(kind: Kind, seed: number, turns = 9): object[] {
  const words = kinds[kind];
  const messages: object[] = [
    { role: "user", content: `Session ${seed} about ${kind}: find what is wrong.` },
  ];
  return Array.from({ length: turns }, (_, turn) => {
    const request = {
      model: "m",
      max_tokens: 1000,
      system: prose.slice(0, 9000),
      tools,
      messages: [...messages],
    };
    const id = `toolu_${turn}`;
    const start = ((seed * 131 + turn) * 977) % Math.max(1, words.length - 4000);
    const found = words.slice(start, start + 1500 + ((turn * 997) % 2500));
    messages.push(
      {
        role: "assistant",
        content: [{ type: "tool_use", id, name: "Tool1", input: { path: `/a/${turn}` } }],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: found }] },
    );
    return request;
  });
}

const orders: Readonly<Record<string, readonly Kind[]>> = {
  mixed: ["code", "prose", "mixed", "chinese", "csv", "code", "mixed", "prose", "code", "code"],
  "Chinese, then code": ["chinese", "chinese", "chinese", "code", "code", "code", "code"],
  "CSV, then code": ["csv", "csv", "csv", "code", "code", "code", "code"],
};

let refused = 0;
let all = 0;
for (const [name, count] of Object.entries(vocabularies)) {
  const rule = {
    name,
    text: count,
    tools: (json: string) => count(json) * 0.9 + 60,
    perMessage: 4,
    perRequest: 20,
    perPicture: 500,
  };
  for (const [order, session] of Object.entries(orders)) {
    const counter = createTokenCounter(() => 0);
    const firsts: number[] = [];
    const laters: number[] = [];
    for (const [seed, kind] of session.entries()) {
      for (const [turn, request] of sessionOf(kind, seed).entries()) {
        const plan = planFor(request, { model: "mystery" });
        const truth = countPrompt(JSON.parse(String(openaiChat.writeRequest(plan, []).body)), rule);
        const { tokens, minTokens } = await counter.measure(plan);
        all += 1;
        // A window that the prompt just fills would refuse it.
        if (minTokens > truth) refused += 1;
        (turn === 0 ? firsts : laters).push(tokens / truth - 1);
        await learn(counter, plan, {
          inputTokens: truth,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          outputTokens: 1,
        });
      }
    }
    const worst = (errors: readonly number[]) => `${(100 * Math.max(...errors.map(Math.abs))).toFixed(1)} %`;
    console.log(
      `${name}, ${order}: first turns ${firsts.map((each) => `${(100 * each).toFixed(1)} %`).join(", ")}; ` +
        `later turns at worst ${worst(laters)}, in the last session ${worst(laters.slice(-8))}; ` +
        `${laters.filter((error) => Math.abs(error) > 0.03).length} of ${laters.length} off by more than 3 %`,
    );
  }
}
console.log(`${refused} of ${all} prompts would have been refused although they fit`);
process.exitCode = refused === 0 ? 0 : 1;
