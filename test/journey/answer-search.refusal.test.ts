import { expect, test } from "bun:test";
import { answerSearch } from "../../src/journey/answer-search.ts";
import { Stop } from "../../src/lib/stop.ts";
import { createFakeSender } from "../support/fake-sender.ts";
import { type PlanChanges, planFor } from "../support/plans.ts";
import { ask } from "../support/proxy.ts";

const search = { type: "web_search_20250305", name: "web_search" };
/** As Claude Code's WebSearch asks. */
const asked = "Perform a web search for the query: Hello";
const save = { name: "save", input_schema: { type: "object" } };

async function refuse(tools: readonly object[], changes: PlanChanges = {}) {
  const notes: string[] = [];
  const messages = [{ role: "user", content: asked }];
  const note = (words: string) => void notes.push(words);
  const options = { sender: createFakeSender(), signal: new Stop(), note };
  const facts = await answerSearch(planFor(ask({ messages, tools }), changes), undefined, options);
  return { facts, notes };
}

test("a search alone, at a backend without one, is answered with an error that the model can read", async () => {
  const { facts, notes } = await refuse([search], { model: "m" });
  expect(facts).toMatchObject([
    { type: "web-search", query: "Hello", found: "unavailable" },
    {
      type: "text-delta",
      text: expect.stringMatching(/cannot search the web with the model m.*Tell the user/),
    },
    { type: "usage", usage: { inputTokens: 0, outputTokens: 0 } },
    { type: "finish", reason: "stop" },
  ]);
  expect(notes).toEqual([expect.stringMatching(/^refused a web search: .* with m$/)]);
});

test("every other request goes to the backend", async () => {
  for (const { facts, notes } of [
    await refuse([search, save]),
    await refuse([save]),
    await refuse([search], { backend: "openrouter" }),
  ])
    expect([facts, notes]).toEqual([undefined, []]);
});
