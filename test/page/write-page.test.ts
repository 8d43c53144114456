import { expect, test } from "bun:test";
import { assets } from "../../src/page/assets.ts";
import { pageHeaders, writeLogin, writePage } from "../../src/page/write-page.ts";

test.each([
  ["the page", writePage({ canLeave: true, variable: "BASE_URL" })],
  ["the login", writeLogin()],
])("%s obeys its own policy", (_, html) => {
  expect(html).not.toMatch(/\son\w+=|\sstyle=|<style|javascript:/i);
  for (const [, attributes = "", body] of html.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)) {
    expect(body).toBe("");
    expect(attributes).toContain('src="/page/parts/');
  }
  for (const [, part = ""] of html.matchAll(/"\/page\/parts\/([^"]+)"/g))
    expect(Object.keys(assets)).toContain(part);
  const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("the policy allows only files of the proxy", () => {
  const policy = pageHeaders["content-security-policy"] ?? "";
  expect(policy).toStartWith("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});

test("only a page that was opened with a key can be left", () => {
  expect(writePage({ canLeave: true, variable: "BASE_URL" })).toContain("data-signed-in");
  expect(writePage({ canLeave: false, variable: "BASE_URL" })).not.toContain("data-signed-in");
});
