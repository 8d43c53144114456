import { describe, expect, test } from "bun:test";
import { findToolset } from "../../../src/anthropic/tools/find-toolset.ts";

const types = await Bun.file(
  `${import.meta.dir}/../../../node_modules/@anthropic-ai/sdk/resources/beta/messages/messages.d.ts`,
).text();

const toolset = (family: string, rest = {}) =>
  findToolset({ family, definition: { type: `${family}_20260801`, ...rest } });
const names = (family: string, rest = {}) => toolset(family, rest)?.members.map(({ name }) => name);

/** The fields of an interface of the SDK, the required ones separately. */
function fieldsOf(name: string): { required: string[]; optional: string[] } {
  const body = types.match(new RegExp(`export interface ${name} \\{\n([^]*?)\n?\\}`))?.[1];
  if (body === undefined) throw new Error(`Look into the SDK: there is no ${name}`);
  const fields = [...body.matchAll(/^ {4}(\w+)(\??):/gm)];
  const those = (mark: string) => fields.flatMap(([, name = "", found]) => (found === mark ? [name] : []));
  return { required: those("").sort(), optional: those("?").sort() };
}

describe.each(["computer", "browser"])("the %s toolset", (name) => {
  const title = (words: string) => words.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

  test("has the members that the SDK lists", () => {
    const list = types.match(new RegExp(`export type Beta${title(name)}MemberName = ([^;]*);`))?.[1];
    expect(names(`${name}_toolset`)).toEqual(list?.match(/\w+/g)?.map(String));
  });

  for (const { name: member, schema } of toolset(`${name}_toolset`)?.members ?? []) {
    test(`${member} has the arguments that the SDK lists`, () => {
      const { required, optional } = fieldsOf(`Beta${title(name)}${title(member)}Input`);
      const told = Object.keys(schema.properties ?? {});
      expect(told.sort()).toEqual([...required, ...optional].sort());
      expect([schema.required ?? []].flat().map(String).sort()).toEqual(required);
    });
  }
});

test("members that the client disables are left out", () => {
  const configs = { zoom: { enabled: false }, key: { enabled: true }, type: null };
  const all = names("computer_toolset") ?? [];
  expect(names("computer_toolset", { configs })).toEqual(all.filter((name) => name !== "zoom"));
  expect(names("computer_toolset", { configs: "all" })).toEqual(all);
});

test("each member can be deferred separately", () => {
  const members = toolset("computer_toolset", { configs: { key: { defer_loading: true } } })?.members;
  expect(members?.filter(({ isDeferred }) => isDeferred).map(({ name }) => name)).toEqual(["key"]);
});

test("other tools are not toolsets", () => {
  expect(toolset("mcp_toolset")).toBeUndefined();
});
