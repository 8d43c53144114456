import { expect, test } from "bun:test";
import { findHttpProxy, pickProxyVariables } from "../../src/lib/find-http-proxy.ts";

const secure = "https://api.example.com/v1";
const find = (env: Record<string, string>, url = secure) => findHttpProxy(url, env)?.host;

test("the variable of the protocol names the proxy, in lower case before upper case", () => {
  const env = {
    HTTPS_PROXY: "http://upper:3128",
    https_proxy: "http://lower:3128",
    HTTP_PROXY: "http://plain",
  };
  expect(findHttpProxy(secure, env)).toEqual({ variable: "https_proxy", host: "lower", port: 3128 });
  expect(findHttpProxy("http://api.example.com", env)).toEqual({
    variable: "HTTP_PROXY",
    host: "plain",
    port: 80,
  });
  expect(find({ HTTP_PROXY: "http://plain" })).toBeUndefined();
  expect(find({ HTTPS_PROXY: "not an address" })).toBeUndefined();
});

test.each([
  ["api.example.com", true],
  ["example.com", true],
  [".example.com", true],
  ["*.example.com", true],
  ["*", true],
  ["localhost, EXAMPLE.com", true],
  ["example.com:443", false],
  ["ample.com", false],
  ["", false],
])("NO_PROXY=%s: direct is %p", (list, isDirect) => {
  expect(find({ HTTPS_PROXY: "http://p", NO_PROXY: list }) === undefined).toBe(isDirect);
});

test("a port in NO_PROXY is that port only, and IPv6 needs no brackets", () => {
  const env = { HTTP_PROXY: "http://p", NO_PROXY: "10.0.0.1:8080,::1" };
  expect(find(env, "http://10.0.0.1:8080/")).toBeUndefined();
  expect(find(env, "http://10.0.0.1:9090/")).toBe("p");
  expect(find(env, "http://[::1]:8080/")).toBeUndefined();
});

test("only variables about proxies are picked", () => {
  expect(
    pickProxyVariables({ https_proxy: "a", NO_PROXY: "b", HTTP_PROXY: "", OPENAI_API_KEY: "k" }),
  ).toEqual({
    https_proxy: "a",
    NO_PROXY: "b",
  });
});
