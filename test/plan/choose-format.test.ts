import { expect, test } from "bun:test";
import { changeQuirks, commonQuirks } from "../../src/catalog/quirks.ts";
import { chooseFormat, readSchema } from "../../src/plan/choose-format.ts";

const schema = { type: "object" };
const format = { type: "json_schema" as const, schema };
const request = { model: "m", messages: [], output_config: { format } };
const quirks = changeQuirks(commonQuirks, { json: { format: "json_object", withTools: false } });

test("the schema is found under its new and its old name", () => {
  expect(readSchema(request)).toBe(schema);
  expect(readSchema({ model: "m", messages: [], output_format: format })).toBe(schema);
  expect(readSchema({ model: "m", messages: [] })).toBeUndefined();
});

test("the form is the backend's, or only words where tools rule it out", () => {
  expect(chooseFormat(request, quirks, false)).toEqual({ schema, form: "json_object" });
  expect(chooseFormat(request, quirks, true)).toEqual({ schema, form: "none" });
  expect(chooseFormat(request, commonQuirks, true)).toEqual({ schema, form: "json_schema" });
});

test("a client that wants no JSON gets no format", () => {
  expect(chooseFormat({ model: "m", messages: [] }, quirks, false)).toBeUndefined();
});
