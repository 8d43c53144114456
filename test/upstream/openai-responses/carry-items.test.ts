import { describe, expect, test } from "bun:test";
import type { RequestBlock } from "../../../src/anthropic/wire.ts";
import { packItems, unpackItems } from "../../../src/upstream/openai-responses/carry-items.ts";
import { digestItem } from "../../../src/upstream/reasoning/digest-item.ts";
import { packCarrier } from "../../../src/upstream/reasoning/pack-carrier.ts";
import { responsesPlan } from "../../support/responses-requests.ts";

const plan = responsesPlan({});
const item = {
  type: "reasoning",
  id: "rs_1",
  summary: [{ type: "summary_text", text: "Look" }],
  encrypted_content: "gAAAA",
};
const thinking = (signature = ""): RequestBlock => ({ type: "thinking", thinking: "Look", signature });

test("items and the phase come back as they were, without their status", () => {
  const carrier = packItems([{ ...item, status: "completed", more: 1 }], { phase: "commentary" }, plan);
  expect<unknown>(unpackItems(thinking(carrier), plan)).toEqual({
    reasoning: [item],
    phase: "commentary",
    isLate: false,
  });
  expect<unknown>(unpackItems({ type: "redacted_thinking", data: carrier ?? "" }, plan)?.reasoning).toEqual([
    item,
  ]);
});

test("an item whose text is not encrypted is kept with its text", () => {
  const { encrypted_content, ...open } = item;
  const content = [{ type: "reasoning_text", text: "Look" }];
  const carrier = packItems([{ ...open, content }], {}, plan);
  expect<unknown>(unpackItems(thinking(carrier), plan)?.reasoning).toEqual([{ ...open, content }]);
});

test("reasoning that came late says so", () => {
  const carrier = packItems([item], { isLate: true }, plan);
  expect<unknown>(unpackItems(thinking(carrier), plan)).toEqual({
    reasoning: [item],
    phase: undefined,
    isLate: true,
  });
});

describe("nothing is carried", () => {
  test("for an item that no backend could read again", () => {
    expect(packItems([{ ...item, encrypted_content: undefined }], {}, plan)).toBeUndefined();
    expect(packItems([{ ...item, encrypted_content: null }], { phase: "thoughts" }, plan)).toBeUndefined();
  });

  test("to another model, another host, or from another protocol", () => {
    const carrier = packItems([item], {}, plan);
    expect(unpackItems(thinking(carrier), { ...plan, model: "gpt-6-astra" })).toBeUndefined();
    const backend = { ...plan.backend, name: "elsewhere.example" };
    expect(unpackItems(thinking(carrier), { ...plan, backend })).toBeUndefined();
    const other = packCarrier({ form: "reasoning_details", origin: plan.model, items: [item] });
    expect(unpackItems(thinking(other), plan)).toBeUndefined();
    expect(unpackItems(thinking("ErUB…"), plan)).toBeUndefined();
  });

  test("of what the backend has refused", () => {
    const reasoning = { ...plan.quirks.reasoning, refusedItems: [digestItem(item)] };
    const quirks = { ...plan.quirks, reasoning };
    const carrier = packItems([item, { ...item, id: "rs_2" }], {}, plan);
    expect(unpackItems(thinking(carrier), { ...plan, quirks })?.reasoning.map(({ id }) => id)).toEqual([
      "rs_2",
    ]);
  });
});
