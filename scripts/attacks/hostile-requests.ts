/** Requests that are small and cost much, or are many and large. */
import { type Attack, ask, must, question } from "./attack.ts";
import { measured } from "./hostile-backends.ts";
import { watch } from "./target.ts";

const many = <Item>(count: number, item: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => item(at));

function requestAttack(name: string, load: string, body: () => string, status: number): Attack {
  return {
    name: `request: ${name}`,
    load,
    async run({ proxy }) {
      const text = body();
      let answer = { status: 0, text: "" };
      const { growth, wait } = await watch(proxy, async () => {
        answer = await ask(proxy, text);
      });
      must(answer.status === status, `the answer was ${answer.status} ${answer.text.slice(0, 300)}`);
      return `${status}, ${measured(growth, wait)}`;
    },
  };
}

const user = (content: unknown) => ({ role: "user", content });
const block = (at: number) => ({ type: `unknown_${at}` });

const calls = [
  user("x"),
  {
    role: "assistant",
    content: many(49_000, (at) => ({ type: "tool_use", id: `toolu_${at}`, name: "f", input: {} })),
  },
  user(many(49_000, (at) => ({ type: "tool_result", tool_use_id: `toolu_${48_999 - at}`, content: "x" }))),
];
const tool = (at: number) => ({
  name: `tool_${at}`,
  input_schema: { type: "object", properties: { a: { type: "string" } } },
});

export const hostileRequests: readonly Attack[] = [
  requestAttack("brackets", "30 MB of [", () => "[".repeat(30_000_000), 400),
  requestAttack("numbers", "30 MB of numbers", () => `{"a":[${"1,".repeat(15_000_000)}1]}`, 400),
  requestAttack(
    "too many blocks",
    "600,000 unknown blocks",
    () => question("answer", { messages: [user(many(600_000, block))] }),
    400,
  ),
  requestAttack(
    "blocks",
    "99,000 unknown blocks",
    () => question("answer", { messages: [user(many(99_000, block))] }),
    200,
  ),
  requestAttack(
    "too many messages",
    "600,000 messages",
    () => question("answer", { messages: many(600_000, () => user("x")) }),
    400,
  ),
  requestAttack(
    "messages",
    "99,000 messages",
    () => question("answer", { messages: many(99_000, () => user("x")) }),
    200,
  ),
  requestAttack(
    "calls",
    "49,000 calls and their results",
    () => question("answer", { messages: calls }),
    200,
  ),
  requestAttack("tools", "10,000 tools", () => question("answer", { tools: many(10_000, tool) }), 200),
  requestAttack(
    "too many stops",
    "100,000 stop sequences",
    () => question("answer", { stop_sequences: many(100_000, (at) => `stop ${at}`) }),
    400,
  ),
  requestAttack(
    "stops",
    "1,000 stop sequences of 100 characters, 100 MB",
    () => question("flood", { stop_sequences: many(1000, (at) => `word ${"word ".repeat(18)}${at}`) }),
    200,
  ),
  requestAttack(
    "system prompt",
    "5 MB, compacted",
    () => question("answer", { system: "One more sentence of instructions.\n\n".repeat(140_000) }),
    200,
  ),
  {
    name: "request: memory",
    load: "40 × 30 MB at once, MAX_BODY_MEMORY=256",
    async run({ proxy }) {
      const body = question("answer", { messages: [user("x".repeat(30_000_000))] });
      let statuses: number[] = [];
      const { growth, wait } = await watch(proxy, async () => {
        statuses = await Promise.all(many(40, async () => (await ask(proxy, body)).status));
      });
      const refused = statuses.filter((status) => status === 529).length;
      must(
        statuses.every((status) => status === 200 || status === 529),
        `statuses ${statuses.join(" ")}`,
      );
      must(refused > 0, "none was refused");
      return `${40 - refused} answered, ${refused} × 529, +${growth.toFixed(0)} MiB, others waited ${wait.toFixed(0)} ms`;
    },
  },
];
