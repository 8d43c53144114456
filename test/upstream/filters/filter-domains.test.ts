import { describe, expect, test } from "bun:test";
import { mayShow } from "../../../src/upstream/filters/filter-domains.ts";

const anywhere = { allowedDomains: [], blockedDomains: [] };
const allow = (...allowedDomains: string[]) => ({ ...anywhere, allowedDomains });
const block = (...blockedDomains: string[]) => ({ ...anywhere, blockedDomains });

describe("a page may be shown", () => {
  test.each([
    ["anywhere", "https://a.example/x", anywhere],
    ["on an allowed site", "https://a.example/x?q=1#f", allow("b.example", "a.example")],
    ["on its subdomain", "https://docs.a.example/", allow("a.example")],
    ["below an allowed path", "https://a.example/blog/1", allow("a.example/blog")],
    ["at the path itself", "https://a.example/blog/", allow("a.example/blog/")],
    ["whatever the case", "https://A.example/Blog", allow("a.Example/blog")],
    ["where the path has a gap", "https://a.example/en/news/1", allow("a.example/*/news")],
    ["where the site was given as an address", "http://a.example/x", allow("https://a.example")],
    ["where all subdomains were", "https://x.a.example/", allow("*.a.example")],
    ["beside a blocked site", "https://ba.example/", block("a.example")],
    ["beside a blocked path", "https://a.example/blogs", block("a.example/blog")],
  ])("%s", (_, url, domains) => {
    expect(mayShow(url, domains)).toBe(true);
  });
});

describe("a page may not be shown", () => {
  test.each([
    ["elsewhere", "https://b.example/", allow("a.example")],
    ["on a site whose name only ends alike", "https://nota.example/", allow("a.example")],
    ["on a blocked site", "https://a.example/", block("a.example")],
    ["on its subdomain", "https://x.a.example/", block("a.example")],
    ["below a blocked path", "https://a.example/blog/1", block("a.example/blog")],
    ["without an address", "", anywhere],
    ["with an address that is not of the web", "javascript:alert(1)", anywhere],
  ])("%s", (_, url, domains) => {
    expect(mayShow(url, domains)).toBe(false);
  });
});
