import { expect, test } from "bun:test";
import { describeWithDetails, findVariable, prefixOf, variables } from "../../src/config/variables.ts";

test("every variable has a name, a place and a description of its own", () => {
  for (const key of ["name", "about"] as const)
    expect(new Set(variables.map((row) => row[key])).size).toBe(variables.length);
  expect(new Set(variables.map(({ place }) => `${place.part}.${place.field}`)).size).toBe(variables.length);
});

test("only the backend's key is required: all others have a default, or may be absent", () => {
  expect(variables.filter(({ required }) => required).map(({ name }) => name)).toEqual(["OPENAI_API_KEY"]);
  for (const { name, format, fallback, required } of variables)
    if (fallback === undefined)
      expect([name, isRefused(() => format(undefined))]).toEqual([name, required ?? false]);
});

function isRefused(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch {
    return true;
  }
}

test("what gives access is secret or guarded, and never both printed and masked", () => {
  for (const { name, secret } of variables.filter((row) => /KEY|HEADER/.test(row.name)))
    expect([name, secret]).toEqual([name, true]);
  for (const name of ["OPENAI_BASE_URL", "HOST", "ANTHROPIC_API_KEY", "ALLOWED_ORIGINS", "CUSTOM_HEADER_X"])
    expect([name, findVariable(name)?.guarded]).toEqual([name, true]);
});

test("a row is found by its name, or by its prefix", () => {
  expect(findVariable("PORT")?.place).toEqual({ part: "server", field: "port" });
  const headers = findVariable("CUSTOM_HEADER_X_TITLE");
  expect(headers && prefixOf(headers)).toBe("CUSTOM_HEADER_");
  for (const name of ["PORT_", "CUSTOM_HEADER", "PATH"]) expect(findVariable(name)).toBeUndefined();
});

test("defaults may depend on other variables", () => {
  const choose = (name: string, set: Record<string, string>) => {
    const fallback = findVariable(name)?.fallback;
    return typeof fallback === "object" ? fallback.choose?.((other) => set[other]) : fallback;
  };
  expect(choose("MIDDLE_MODEL", { BIG_MODEL: "big" })).toBe("big");
  expect(choose("MIDDLE_MODEL", {})).toBe("openai/gpt-5.4-mini");
  const elsewhere = { OPENAI_BASE_URL: "http://localhost:11434/v1" };
  expect(choose("BIG_MODEL", elsewhere)).toBe("");
  expect(choose("SMALL_MODEL", { ...elsewhere, BIG_MODEL: "b" })).toBe("b");
  expect(choose("SMALL_MODEL", { ...elsewhere, BIG_MODEL: "b", MIDDLE_MODEL: "m" })).toBe("m");
  expect(choose("SMALL_MODEL", { BIG_MODEL: "b" })).toBe("openai/gpt-5.4-nano");
  expect(choose("BIG_MODEL", { ...elsewhere, BACKEND_DIALECT: "OpenRouter" })).toBe("openai/gpt-5.4");
  expect(choose("HOST", { ANTHROPIC_API_KEY: "c" })).toBe("127.0.0.1");
});

test("details follow the description", () => {
  expect(describeWithDetails({ name: "A", about: "One" })).toBe("One");
  expect(describeWithDetails({ name: "A", about: "One", details: "Two" })).toBe("One. Two");
});
