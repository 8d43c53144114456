import { describe, expect, test } from "bun:test";
import { createPageSessions } from "../../src/routes/page-session.ts";
import { testConfig } from "../support/proxy.ts";

const day = 24 * 60 * 60_000;
const config = testConfig({ server: { clientKey: "client-key-1" } });

function open(name?: string, at = 0) {
  const cookie = createPageSessions(config, () => at).open(name === undefined ? {} : { name }, false);
  return { cookie, value: cookie.split(";")[0] ?? "" };
}

const find = (cookie: string, { at = 0, of = config } = {}) =>
  createPageSessions(of, () => at).find(new Headers({ cookie }));

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
    expect(createPageSessions(config).open({}, true)).toEndWith("; Secure");
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
