import { expect, test } from "bun:test";
import { describeConfig, writeConfigJson } from "../../src/commands/describe-config.ts";

const settings = [
  { name: "PORT", value: "8082", origin: "default" },
  { name: "OPENAI_API_KEY", value: "(hidden, 4 characters)", origin: "/h/.env" },
];

test("each value has its origin beside it", () => {
  expect(describeConfig(settings)).toEqual([
    "PORT            8082                    default",
    "OPENAI_API_KEY  (hidden, 4 characters)  /h/.env",
  ]);
  expect(JSON.parse(writeConfigJson(settings))).toEqual(settings);
});
