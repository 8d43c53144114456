import { describe, expect, test } from "bun:test";
import { findCorrection } from "../../../src/upstream/healing/find-correction.ts";
import { digestItem } from "../../../src/upstream/reasoning/digest-item.ts";
import { readError } from "../../../src/upstream/refusal/read-error.ts";
import { openai, written } from "../../support/refusals.ts";
import { responsesPlan } from "../../support/responses-requests.ts";

const plan = responsesPlan({});
const items = ["rs_1", "rs_2"].map((id) => ({
  type: "reasoning",
  id,
  summary: [],
  encrypted_content: `g ${id}`,
}));
const body = { model: "m", include: ["reasoning.encrypted_content"], input: [{ type: "message" }, ...items] };
const find = (error: object, sent: Record<string, unknown> = body, asked = plan) =>
  findCorrection(readError(400, new Headers(), JSON.stringify(error), asked), asked, written(sent));

describe("refused reasoning is left out, all that the request had", () => {
  test.each([
    [
      "another account",
      openai("The encrypted content gAAA...DQ== could not be verified.", null, "invalid_encrypted_content"),
    ],
    ["Azure, without a code", openai("The encrypted content gAAA...wXBV could not be verified.")],
    [
      "an order",
      openai("Item 'rs_1' of type 'reasoning' was provided without its required following item.", "input"),
    ],
    [
      "a pair",
      openai(
        "Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1'.",
        "input",
      ),
    ],
    [
      "a store",
      openai("Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."),
    ],
    ["another resource", openai("The requested item was created under a different Azure OpenAI resource.")],
    ["vLLM", openai("Encrypted content is not supported.")],
  ])("%s", (_, error) => {
    expect(find(error)).toMatchObject({
      change: "adopt",
      quirks: { reasoning: { refusedItems: items.map(digestItem) } },
    });
  });

  test("together with what was refused before", () => {
    const quirks = { ...plan.quirks, reasoning: { ...plan.quirks.reasoning, refusedItems: ["old"] } };
    const error = openai("The encrypted content could not be verified", null, "invalid_encrypted_content");
    expect(find(error, body, { ...plan, quirks })).toMatchObject({
      quirks: { reasoning: { refusedItems: ["old", ...items.map(digestItem)] } },
    });
  });
});

test("a model that encrypts nothing is not asked for it", () => {
  expect(find(openai("Encrypted content is not supported with this model.", "include"))).toEqual({
    change: "drop",
    path: "include",
  });
});

test("without reasoning in the request there is nothing to leave out", () => {
  const error = openai("The encrypted content could not be verified", null, "invalid_encrypted_content");
  expect(find(error, { ...body, input: [{ type: "message" }] })).toBeUndefined();
});
