import { expect, test } from "bun:test";
import type { Plan } from "../../../../src/plan/plan.ts";
import { writeSystem } from "../../../../src/upstream/openai-chat/request/write-system.ts";
import { text } from "../../../support/chat-requests.ts";
import { type PlanChanges, planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

const claude: PlanChanges = { backend: "openrouter", model: "anthropic/claude-opus-5" };
const plan = { ...planFor(ask({}), claude), isLong: true };
const [short, long] =
  planFor(ask({ system: [text("short"), text("long ".repeat(100))] })).request.system ?? [];
if (!short || !long) throw new Error("The blocks are missing");

const write = (system: Plan["request"]["system"], additions: string[] = [], { quirks } = plan) =>
  writeSystem({ ...plan, quirks, request: { ...plan.request, system } }, additions);

test("the same prompt is the same message, also if its short blocks are new", () => {
  const message = write([short, long]);
  expect(message).toEqual({ role: "system", content: `short\n\n${long.text}` });
  expect(write([{ ...short }, long])).toBe(message);
});

test("nothing is remembered of a short prompt", () => {
  const system = [short];
  const brief = { ...plan, isLong: false, request: { ...plan.request, system } };
  expect(writeSystem(brief, [])).toEqual({ role: "system", content: "short" });
  expect(writeSystem(brief, [])).not.toBe(writeSystem(brief, []));
});

test("another prompt with the same longest block is another message", () => {
  const usual = write([short, long]);
  expect(write([short, long], ["more"])?.content).toBe(`short\n\n${long.text}\n\nmore`);
  expect(write([long])?.content).toBe(long.text);
  expect(write([{ ...short, text: "other" }, long])?.content).toBe(`other\n\n${long.text}`);
  const marked = [{ ...short, cache_control: { type: "ephemeral", ttl: "1h" } } as const, long];
  expect<unknown>(write(marked)?.content).toEqual([
    { type: "text", text: "short", cache_control: { type: "ephemeral", ttl: "1h" } },
    { type: "text", text: long.text },
  ]);
  const openai = planFor(ask({}), { backend: "openai", model: "gpt-5.4" });
  expect(write(marked, [], openai)).toEqual({ role: "developer", content: `short\n\n${long.text}` });
  expect(write([short, long])).toEqual(usual);
  expect(write([])).toBeUndefined();
});
