import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { nameSettings } from "../../src/config/list-backends.ts";
import { adviseAddress, findLikelyAddress, suggestAddress } from "../../src/plan/find-likely-address.ts";

describe("an address", () => {
  test.each([
    ["http://h:1", "http://h:1/v1"],
    ["http://h:1/", "http://h:1/v1"],
    ["https://h.example/api", "https://h.example/api/v1"],
    ["https://h.example/v1/v1", "https://h.example/v1"],
    ["https://h.example/api/v1/v1/v1/", "https://h.example/api/v1"],
    ["https://h.example/chat/completions", "https://h.example/v1"],
    ["https://h.example/v1/v1/chat/completions", "https://h.example/v1"],
    ["https://h.example/v1/models/", "https://h.example/v1"],
    ["https://h.example/V1", "https://h.example/v1"],
    ["https://h.example/openai/v1/responses", "https://h.example/openai/v1"],
  ])("%s was probably meant to be %s", (given, likely) => {
    expect(findLikelyAddress(given)).toBe(likely);
  });

  test.each([
    "http://h:1/v1",
    "http://h:1/v1/",
    "https://h.example/v1beta/openai",
    "https://h.example/v1/openai",
    "https://h.example/models-of-mine/v2",
    "https://h.example/?a=b",
    "h.example",
  ])("%s looks right, or is none", (given) => {
    expect(findLikelyAddress(given)).toBeUndefined();
  });

  test("is not improved twice", () => {
    const part = fc.constantFrom("v1", "v2", "api", "openai", "models", "chat/completions", "responses");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const likely = findLikelyAddress(`https://h.example/${parts.join("/")}`);
        if (likely === undefined) return;
        expect(likely).toMatch(/\/v\d/);
        expect(findLikelyAddress(likely)).toBeUndefined();
      }),
    );
  });
});

describe("the advice", () => {
  const settings = nameSettings("default");

  test("names the variable, and looks at where requests go", () => {
    const wrong = { modelsUrl: "https://h.example/v1/v1/models", settings };
    expect(suggestAddress(wrong)).toBe("set OPENAI_BASE_URL to https://h.example/v1");
    expect(adviseAddress(wrong)).toBe("set OPENAI_BASE_URL to https://h.example/v1");
  });

  test("says what addresses look like if this one looks right", () => {
    const right = { modelsUrl: "https://h.example/v1/models", settings };
    expect(suggestAddress(right)).toBeUndefined();
    expect(adviseAddress(right)).toContain("usually ends in /v1");
  });
});
