import { describe, expect, test } from "bun:test";
import { addLoopback, isLoopback, isNearby, urlFor } from "../../src/lib/host.ts";

test.each(["localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "::1", "[::1]"])("%s is loopback", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(["0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "127.0.0.1.example", "1127.0.0.1", ""])(
  "%j is not",
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);

test.each([
  ["localhost", true],
  ["10.1.2.3", true],
  ["172.20.0.1", true],
  ["172.32.0.1", false],
  ["100.100.1.1", true],
  ["[fd00::1]", true],
  ["vllm", true],
  ["box.lan", true],
  ["host.docker.internal", true],
  ["8.8.8.8", false],
  ["10.example.com", false],
  ["api.openai.com", false],
])("%s is nearby: %p", (host, isOurs) => {
  expect(isNearby(host)).toBe(isOurs);
});

describe("addLoopback", () => {
  test("appends to a list, or makes one", () => {
    expect(addLoopback("a.example,b.example")).toBe("a.example,b.example,127.0.0.1,localhost,::1");
    for (const none of [undefined, ""]) expect(addLoopback(none)).toBe("127.0.0.1,localhost,::1");
  });

  test("keeps a list that means every host", () => {
    expect(addLoopback("*")).toBe("*");
    expect(addLoopback(" * ")).toBe(" * ");
  });
});

test("a URL is one that a client on this machine can use", () => {
  expect(urlFor("127.0.0.1", 8082)).toBe("http://127.0.0.1:8082");
  expect(urlFor("::1", 8082)).toBe("http://[::1]:8082");
  for (const all of ["0.0.0.0", "::"]) expect(urlFor(all, 80)).toBe("http://127.0.0.1:80");
});
