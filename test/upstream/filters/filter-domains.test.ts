import { describe, expect, test } from "bun:test";
import { isAllowedPage } from "../../../src/upstream/filters/filter-domains.ts";

const anywhere = { allowedDomains: [], blockedDomains: [] };
const allow = (...allowedDomains: string[]) => ({ ...anywhere, allowedDomains });
const block = (...blockedDomains: string[]) => ({ ...anywhere, blockedDomains });

describe("a page is shown", () => {
  test.each([
    ["anywhere", "https://a.example/x", anywhere],
    ["on an allowed site", "https://a.example/x?q=1#f", allow("b.example", "a.example")],
    ["on its subdomain", "https://docs.a.example/", allow("a.example")],
    ["below an allowed path", "https://a.example/blog/1", allow("a.example/blog")],
    ["at the path itself", "https://a.example/blog/", allow("a.example/blog/")],
    ["in any case", "https://A.example/Blog", allow("a.Example/blog")],
    ["where the path has a wildcard", "https://a.example/en/news/1", allow("a.example/*/news")],
    ["where the domain is given as a URL", "http://a.example/x", allow("https://a.example")],
    ["where all subdomains are allowed", "https://x.a.example/", allow("*.a.example")],
    ["beside a blocked domain", "https://ba.example/", block("a.example")],
    ["beside a blocked path", "https://a.example/blogs", block("a.example/blog")],
  ])("%s", (_, url, domains) => {
    expect(isAllowedPage(url, domains)).toBe(true);
  });
});

describe("a page is not shown", () => {
  test.each([
    ["elsewhere", "https://b.example/", allow("a.example")],
    ["on a domain that only ends the same way", "https://nota.example/", allow("a.example")],
    ["on a blocked domain", "https://a.example/", block("a.example")],
    ["on its subdomain", "https://x.a.example/", block("a.example")],
    ["below a blocked path", "https://a.example/blog/1", block("a.example/blog")],
    ["without an address", "", anywhere],
    ["with a URL that is not http or https", "javascript:alert(1)", anywhere],
  ])("%s", (_, url, domains) => {
    expect(isAllowedPage(url, domains)).toBe(false);
  });
});
