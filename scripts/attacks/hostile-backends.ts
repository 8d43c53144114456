/** Backends that send too much, or too deeply nested. */
import { type Attack, ask, must, question } from "./attack.ts";
import { watch } from "./target.ts";

/** What others may wait while one is attacked, ms, and what the attack may take of the memory, MiB. */
const maxWait = 1500;
const maxGrowth = 400;

function backendAttack(model: string, load: string, expected: RegExp, times = 1): Attack {
  return {
    name: `backend: ${model}`,
    load,
    async run({ proxy }) {
      const changes = model === "newlines" ? { output_config: { format: jsonFormat } } : {};
      const texts: string[] = [];
      const { growth, wait } = await watch(proxy, async () => {
        const asked = Array.from({ length: times }, () => ask(proxy, question(model, changes)));
        for (const { text } of await Promise.all(asked)) texts.push(text);
      });
      for (const text of texts) must(expected.test(text), `the answer was ${text.slice(-300)}`);
      return measured(growth, wait);
    },
  };
}

const jsonFormat = { type: "json_schema", schema: { type: "object" } };

export function measured(growth: number, wait: number): string {
  const result = `+${growth.toFixed(0)} MiB, others waited ${wait.toFixed(0)} ms`;
  must(wait <= maxWait && growth <= maxGrowth, result);
  return result;
}

export const hostileBackends: readonly Attack[] = [
  backendAttack(
    "gzip-bomb",
    "680 kB of gzip, 700 MB decoded",
    /decodes to more than 100 times its size|16777216 characters for a line/,
  ),
  backendAttack("endless-line", "one line without an end", /16777216 characters for a line/),
  backendAttack("endless-event", "one event without an end", /16777216 characters for an event/),
  backendAttack("newlines", "4 × 100,000 newlines in a JSON fence", /message_stop/, 4),
  backendAttack("many-calls", "74,000 tool calls", /more than 1000 tool calls/),
  backendAttack("deep-arguments", "arguments nested 50,000 deep", /message_stop/),
  backendAttack("deep-chunk", "a chunk nested 8,000,000 deep", /message_stop|api_error/),
  backendAttack("flood", "4 × 100 MB, read by the clients", /message_stop/, 4),
];
