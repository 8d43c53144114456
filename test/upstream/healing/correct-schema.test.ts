import { describe, expect, test } from "bun:test";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import type { Quirks } from "../../../src/catalog/quirks.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { correctQuirks } from "../../../src/upstream/healing/correct-quirks.ts";
import { findCorrection } from "../../../src/upstream/healing/find-correction.ts";
import { writeRequest } from "../../../src/upstream/openai-chat/request/write-request.ts";
import { readError } from "../../../src/upstream/refusal/read-error.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";
import { openai } from "../../support/refusals.ts";

const year = {
  type: "object",
  properties: { year: { type: "string", pattern: "^\\d{4}$", format: "year" } },
};
const plain = { type: "object", properties: { path: { type: "string" } } };
const tools = [
  { name: "Read", description: "Reads", input_schema: plain },
  { name: "mcp__cal__find", description: "Finds", input_schema: year },
];

/** The tools that are sent after each of the refusals in turn. */
function heal(messages: readonly string[], start: Quirks = quirksNamed("generic")): JsonObject[][] {
  let quirks = start;
  return messages.map((message) => {
    const plan = { ...planFor(ask({ tools })), quirks };
    const written = writeRequest(plan);
    const correction = findCorrection(
      readError(400, new Headers(), JSON.stringify(openai(message)), plan),
      plan,
      written,
    );
    expect(correction?.change).toBe("adopt");
    if (correction) quirks = correctQuirks(quirks, [correction]);
    return JSON.parse(String(writeRequest({ ...plan, quirks }).body)).tools.map(
      (tool: JsonObject) => tool.function,
    );
  });
}

const refusal = "Invalid schema for function 'mcp__cal__find': something is wrong with the schema";

describe("the tool that is named", () => {
  test("loses the named keyword, then all but the basics, then everything; others keep theirs", () => {
    const [first, second, third] = heal([
      "Invalid schema for function 'mcp__cal__find': unknown format \"year\"",
      refusal,
      refusal,
    ]);
    const properties = { year: { type: "string", pattern: "^\\d{4}$" } };
    expect(first?.[1]).toMatchObject({ parameters: { type: "object", properties } });
    expect(JSON.stringify(first?.[1])).not.toContain("format");
    expect(JSON.stringify(second?.[1]?.parameters)).not.toContain('"pattern"');
    expect(third?.[1]).toEqual({
      name: "mcp__cal__find",
      description: `Finds\n\nIts arguments are a JSON object that matches this JSON schema: ${JSON.stringify(year)}`,
      parameters: { type: "object", properties: {} },
    });
    for (const step of [first, second, third]) expect(step?.[0]).toMatchObject({ parameters: plain });
  });

  test.each([
    "tools.1.function.parameters: invalid JSON schema",
    "Invalid 'tools[1].function.parameters': schema not supported",
    "tool mcp__cal__find has an invalid input_schema",
  ])("may be named by its number: %s", (message) => {
    const [sent] = heal([message]);
    expect(JSON.stringify(sent?.[1])).not.toContain("format");
    expect(sent?.[0]).toMatchObject({ parameters: plain });
  });

  test("a pattern is told in words", () => {
    const [sent] = heal(["Invalid schema for function 'mcp__cal__find': '^\\d{4}$' is not a 'regex'"]);
    expect(sent?.[1]).toMatchObject({
      parameters: { properties: { year: { description: "Must match the regular expression ^\\d{4}$" } } },
    });
  });
});

test("without a name, all tools give way", () => {
  const [sent] = heal(["failed to parse grammar"]);
  expect(JSON.stringify(sent)).not.toContain("pattern");
});

test("an open schema is the end", () => {
  const refusedSchemas = { mcp__cal__find: { keywords: [], form: "open" } } as const;
  const generic = quirksNamed("generic");
  const plan = {
    ...planFor(ask({ tools })),
    quirks: { ...generic, tools: { ...generic.tools, refusedSchemas } },
  };
  const error = readError(400, new Headers(), JSON.stringify(openai(refusal)), plan);
  expect(findCorrection(error, plan, writeRequest(plan))).toBeUndefined();
});

test("parameters of the request are not those of a tool", () => {
  const plan = planFor(ask({ tools, temperature: 1 }));
  const message = "This model does not support these parameters beside tools: temperature";
  const error = readError(400, new Headers(), JSON.stringify(openai(message)), plan);
  expect(findCorrection(error, plan, writeRequest(plan))).toEqual({ change: "drop", path: "temperature" });
});

test("a call that did not match its schema is no refusal of the schema", () => {
  const plan = planFor(ask({ tools }));
  const message = "Tool call validation failed: parameters for tool Read did not match schema";
  const error = readError(400, new Headers(), JSON.stringify(openai(message)), plan);
  expect(findCorrection(error, plan, writeRequest(plan))).toBeUndefined();
});

test.each([
  "JSON Schema not supported: could not understand the instance `{'format': 'year'}`",
  "Unsupported JSON schema fields: {'format'}",
  "Unknown name \"format\" at 'tools[0].function_declarations[1].parameters.properties[0].value': Cannot find field",
  "Failed to compile json_schema: format is not implemented",
])("no tool is named as such: %s", (message) => {
  const [[, found] = []] = heal([message]);
  expect(JSON.stringify(found)).not.toContain('"format"');
});
