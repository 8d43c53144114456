import { describe, expect, test } from "bun:test";
import { closeSession, createPageSessions } from "../../src/routes/page-session.ts";
import { testConfig } from "../support/proxy.ts";

const day = 24 * 60 * 60_000;
const config = testConfig({ server: { clientKey: "client-key-1" } });

function open(name?: string, at = 0, host = "proxy.example") {
  const guest = name === undefined ? {} : { name };
  const cookie = createPageSessions(config, () => at).open(guest, new Headers({ host }), false);
  return { cookie, value: cookie.split(";")[0] ?? "" };
}

const find = (cookie: string, { at = 0, of = config, host = "proxy.example" } = {}) =>
  createPageSessions(of, () => at).find(new Headers({ cookie, host }));

describe("the cookie of the page", () => {
  test("tells whose it is, beside other cookies", () => {
    expect(find(`a=1; ${open("ann.b@c").value}; b=2`)).toEqual({ name: "ann.b@c" });
    expect(find(open().value)).toEqual({});
  });

  test("cannot be read by scripts or sent by other sites, and holds no key", () => {
    const { cookie } = open("ann");
    expect(cookie).toContain("; HttpOnly; SameSite=Strict;");
    expect(cookie).not.toContain("client-key-1");
    expect(cookie).not.toContain("Secure");
    expect(createPageSessions(config).open({}, new Headers(), true)).toEndWith("; Secure");
  });

  test("stays beside those of other proxies on the same machine", () => {
    const [one, two] = [open("ann", 0, "127.0.0.1:8082").value, open("bob", 0, "127.0.0.1:8083").value];
    expect(find(`${one}; ${two}`, { host: "127.0.0.1:8082" })).toEqual({ name: "ann" });
    expect(find(`${one}; ${two}`, { host: "127.0.0.1:8083" })).toEqual({ name: "bob" });
    expect(find(`${one}; ${two}`, { host: "[::1]:808" })).toBeUndefined();
    const name = one.split("=")[0] ?? "";
    expect(closeSession(new Headers({ host: "127.0.0.1:8082" }))).toStartWith(`${name}=;`);
  });

  test("is good for a week", () => {
    const { value } = open("ann");
    expect(find(value, { at: 6 * day })).toEqual({ name: "ann" });
    expect(find(value, { at: 8 * day })).toBeUndefined();
  });

  test("is good for no one when the keys have changed", () => {
    const { value } = open("ann");
    expect(find(value, { of: testConfig({ server: { clientKey: "client-key-2" } }) })).toBeUndefined();
  });

  test("cannot be made or changed without the secret", () => {
    const { value } = open("ann");
    const [until = "", name = "", seal = ""] = value.replace("claude_code_proxy=", "").split(".");
    const forged = [
      [`${Number(until) + 1}`, name, seal],
      [until, "", seal],
      [until, name, seal.toLowerCase()],
      [until, name, ""],
      [until, name, "A".repeat(43)],
    ];
    for (const parts of forged) expect(find(`claude_code_proxy=${parts.join(".")}`)).toBeUndefined();
    for (const cookie of ["", "claude_code_proxy=", "claude_code_proxy=..", `x${value}`])
      expect(find(cookie)).toBeUndefined();
  });
});
