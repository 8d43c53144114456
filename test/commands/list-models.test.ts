import { expect, test } from "bun:test";
import { abilitiesOf, describeModels, readModels, writeModelsJson } from "../../src/commands/list-models.ts";
import { testConfig } from "../support/proxy.ts";

const models = { big: "b", middle: "b", small: "z" };
const listed = [
  { id: "a" },
  {
    id: "b",
    contextWindow: 200_000,
    price: { input: 1.25, output: 10 },
    supportedParameters: ["tools", "top_p"],
  },
];

test("the models in use come first, and what is unknown is said to be", () => {
  expect(describeModels(listed, models)).toEqual([
    "model  used for      window   $ per million, in / out  abilities",
    "b      opus, sonnet  200,000  1.25 / 10                tools",
    "a                    ?        ?                        ?",
  ]);
});

test("names of a server do not steer the terminal", () => {
  expect(describeModels([{ id: "a\u001b[2J" }], models).join("")).not.toContain("\u001b");
});

test("abilities are those that the list names", () => {
  expect(abilitiesOf({ id: "a", supportedParameters: ["reasoning", "tools"] })).toEqual([
    "tools",
    "reasoning",
  ]);
});

test("JSON has numbers as numbers and nulls for what is unknown", () => {
  expect(JSON.parse(writeModelsJson(listed, models))).toEqual({
    tiers: models,
    models: [
      { id: "a", context_window: null, max_output: null, price_per_million: null, abilities: [] },
      {
        id: "b",
        context_window: 200_000,
        max_output: null,
        price_per_million: { input: 1.25, output: 10 },
        abilities: ["tools"],
      },
    ],
  });
});

test("the list comes from the backend, or its failure does", async () => {
  const config = testConfig({ backend: { baseUrl: "http://127.0.0.1:9/v1" } });
  expect((await readModels(config, true)).listed).toHaveLength(3);
  expect(readModels(config, false)).rejects.toThrow("Cannot reach the backend");
});

test("a backend that says nothing is named, with what to check", async () => {
  using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const host = `127.0.0.1:${silent.port}`;
  const config = testConfig({ backend: { baseUrl: `http://${host}/v1` } });
  await expect(readModels(config, false, 20)).rejects.toThrow(
    `Cannot list the models: the backend at ${host} was silent for 0.02 s; check OPENAI_BASE_URL`,
  );
});
