import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { digestKey } from "../../src/config/client-keys.ts";
import { prefersPage } from "../../src/routes/page.ts";
import { text } from "../support/fake-upstream.ts";
import { startProxy, type TestProxy } from "../support/proxy.ts";

const key = "ann-key-012345";
let proxy: TestProxy;
beforeAll(async () => {
  const clients = { keys: [{ name: "ann", key, digest: digestKey(key) }], file: undefined };
  proxy = await startProxy(text("Hello"), { config: { server: { clients } } });
});
afterAll(() => proxy.close());

const html = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${proxy.url}${path}`, { headers });

/** The cookie of a browser that has sent the key. */
async function signIn(): Promise<string> {
  const response = await fetch(`${proxy.url}/page/sign-in`, {
    method: "POST",
    headers: { "x-api-key": key },
  });
  expect(response.status).toBe(204);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

test.each([
  [html, true],
  ["text/html", true],
  ["*/*", false],
  ["", false],
  ["application/json", false],
  ["application/json, text/html;q=0.5", false],
  ["text/html, application/json", false],
])("whether %p means a page: %p", (accept, isPage) => {
  expect(prefersPage(new Request("http://h/", { headers: { accept } }))).toBe(isPage);
});

describe("in a browser, /", () => {
  test("asks for a key, and shows nothing before it has one", async () => {
    const response = await get("/", { accept: html });
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toStartWith("text/html");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const body = await response.text();
    expect(body).toContain('type="password"');
    expect(body).not.toContain("app.ts");
  });

  test("is the page for one who has signed in, or sends the key", async () => {
    for (const headers of [{ cookie: await signIn() }, { "x-api-key": key }]) {
      const response = await get("/", { accept: html, ...headers });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("app.ts");
    }
  });

  test("is JSON for all others", async () => {
    const response = await get("/", { "x-api-key": key, accept: "*/*" });
    expect(await response.json()).toMatchObject({ name: "claude-code-proxy" });
    expect((await get("/", { accept: "*/*" })).status).toBe(401);
  });
});

describe("the cookie", () => {
  test("is only for one who has a key", async () => {
    const headers = { "x-api-key": "wrong" };
    const response = await fetch(`${proxy.url}/page/sign-in`, { method: "POST", headers });
    expect([response.status, response.headers.get("set-cookie")]).toEqual([401, null]);
  });

  test("opens nothing but the page", async () => {
    const cookie = await signIn();
    for (const path of ["/v1/models", "/metrics", "/test-connection"])
      expect([path, (await get(path, { cookie })).status]).toEqual([path, 401]);
    expect((await proxy.post({}, { cookie })).status).toBe(401);
  });

  test("is taken away when one leaves", async () => {
    const response = await fetch(`${proxy.url}/page/sign-out`, { method: "POST" });
    expect(response.headers.get("set-cookie")).toContain("Max-Age=0");
  });

  test("is not for other origins", async () => {
    const headers = { "x-api-key": key, origin: "https://evil.example" };
    expect((await fetch(`${proxy.url}/page/sign-in`, { method: "POST", headers })).status).toBe(403);
  });
});

test("the parts of the page need no key, and there are no others", async () => {
  const response = await get("/page/parts/app.ts");
  expect(response.headers.get("content-type")).toStartWith("text/javascript");
  for (const name of ["app.js", "constructor", "../../main.ts", "%2e%2e%2fwrite-page.ts", ""])
    expect([name, (await get(`/page/parts/${name}`)).status]).toEqual([name, 404]);
});
