/**
 * Measures what counting costs: the estimate of every message, a count and its repetition, and texts designed to be
 * slow, with the longest time during which nothing else could run. `bun scripts/bench-tokens.ts`.
 */
import { messagesRequest } from "../src/anthropic/wire.ts";
import { quirksNamed } from "../src/catalog/choose-quirks.ts";
import { countText } from "../src/lib/tokenizer.ts";
import { listTools } from "../src/plan/list-tools.ts";
import { type Asked, createTokenCounter } from "../src/plan/size/tokens.ts";

const file = await Bun.file(`${import.meta.dir}/../src/catalog/quirks.ts`).text();
const words = file.repeat(12);

/** A request of this many characters: half of it tools and system prompt, the rest a conversation with tool calls. */
function requestOf(characters: number, salt: string): Asked {
  const tools = Array.from({ length: 20 }, (_, i) => ({
    name: `Tool${i}`,
    description: `${salt} ${i} ${words.slice(i * 500, i * 500 + characters / 60)}`,
    input_schema: {
      type: "object",
      properties: { path: { type: "string", description: words.slice(0, characters / 300) } },
    },
  }));
  const rounds = Array.from({ length: 25 }, (_, i) => [
    {
      role: "assistant",
      content: [{ type: "tool_use", id: `t${i}`, name: "Tool1", input: { path: `/${i}` } }],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: `t${i}`,
          content: `${salt} ${i} ${words.slice(i * 300, i * 300 + characters / 50)}`,
        },
      ],
    },
  ]);
  const body = {
    model: "claude-opus-5-5",
    max_tokens: 100,
    system: words.slice(0, characters / 10),
    tools,
    messages: [{ role: "user", content: salt }, ...rounds.flat()],
  };
  // As it comes from the wire: the engine has not seen any string before.
  const request = messagesRequest.parse(JSON.parse(JSON.stringify(body)));
  const url = "http://127.0.0.1:9/v1/chat/completions";
  const toolUse = { functions: listTools(request, []).offered };
  return { request, quirks: quirksNamed("openai"), toolUse, model: "gpt-5.4", url };
}

async function time(act: () => unknown): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

/** The median duration of `act`, with a fresh argument each time. */
async function median<Value>(times: number, make: (round: number) => Value, act: (value: Value) => unknown) {
  const taken: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const value = make(round);
    taken.push(await time(() => act(value)));
  }
  return taken.sort((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN;
}

const show = (name: string, ms: number, more = "") =>
  console.log(`${name.padEnd(44)} ${ms.toFixed(2)} ms ${more}`);

show("the vocabulary, read once", await time(() => countText("a")));
for (const size of [100_000, 1_000_000]) {
  const body = JSON.stringify(requestOf(size, "").request);
  const kb = `${Math.round(body.length / 1000)} kB request`;
  const counter = createTokenCounter();
  show(`${kb}: first estimate`, await median(30, (i) => requestOf(size, `a${i}`), counter.estimate));
  show(`${kb}: first count`, await median(10, (i) => requestOf(size, `b${i}`), counter.count));
  show(`${kb}: the count repeated`, await median(30, () => requestOf(size, "b1"), counter.count));
  show(`${kb}: estimate after the count`, await median(30, () => requestOf(size, "b1"), counter.estimate));
}

const random = (letters: string) =>
  Array.from({ length: 1_000_000 }, (_, i) => letters[(i * 7919 + (i >> 5) * 31) % letters.length]).join("");
const slow: Readonly<Record<string, string>> = {
  "one letter": "a".repeat(1_000_000),
  "letters without a pattern": random("abcdefghijklmnopqrstuvwxyz"),
  "ideographs without punctuation": random("的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年"),
  base64: Buffer.from(random("abcdefghijklmnopqrstuvwxyz0123456789").slice(0, 750_000)).toString("base64"),
  spaces: " ".repeat(1_000_000),
  "blank lines": " \n".repeat(500_000),
  emoji: "😀".repeat(500_000),
};
for (const [name, text] of Object.entries(slow)) {
  let longest = 0;
  let last = performance.now();
  const ticking = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 0);
  const taken = await time(() => countText(text));
  clearInterval(ticking);
  show(`a megabyte of ${name}`, taken, `(longest pause ${longest.toFixed(0)} ms)`);
}
