import { expect, test } from "bun:test";
import { findMisspelled } from "../../src/config/find-misspelled.ts";

test.each([
  ["OPENAI_BASEURL", "OPENAI_BASE_URL"],
  ["OPEN_AI_API_KEY", "OPENAI_API_KEY"],
  ["openai_api_key", "OPENAI_API_KEY"],
  ["OPENAI_API_KEYS", "OPENAI_API_KEY"],
  ["OPENAI_BASE_ULR", "OPENAI_BASE_URL"],
  ["BIG_MODLE", "BIG_MODEL"],
  ["ALLOWED_ORIGIN", "ALLOWED_ORIGINS"],
])("%s is nearly %s", (name, meant) => {
  expect(findMisspelled({ [name]: "x" })).toEqual([
    `${name} is not a variable of this proxy; did you mean ${meant}?`,
  ]);
});

test.each([
  "OPENAI_BASE_URL",
  "CUSTOM_HEADER_A",
  "HOSTNAME",
  "PORTS",
  "OPENAI_ORG_ID",
  "AZURE_OPENAI_API_KEY",
  "PATH",
])("%s is not", (name) => expect(findMisspelled({ [name]: "x" })).toEqual([]));

test("an empty value is as good as none", () => {
  expect(findMisspelled({ OPENAI_BASEURL: "" })).toEqual([]);
});
