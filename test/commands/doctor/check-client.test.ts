import { expect, test } from "bun:test";
import { testedVersion } from "../../../src/catalog/claude-code/claude-code.ts";
import { type ClientFacts, checkClient } from "../../../src/commands/doctor/check-client.ts";

function check(changes: Partial<ClientFacts>): string {
  const facts: ClientFacts = {
    path: "/bin/claude",
    version: `${testedVersion} (Claude Code)`,
    settings: [],
    env: {},
    platform: "linux",
    ...changes,
  };
  return checkClient(facts)
    .map(({ state, text, advice }) => `${state}: ${text}${advice === undefined ? "" : `; ${advice}`}`)
    .join("\n");
}

test("a tested or newer version is good, an older or unknown one is not known to work", () => {
  expect(check({})).toBe(`good: /bin/claude is ${testedVersion}`);
  expect(check({ version: "99.0.0" })).toStartWith("good");
  expect(check({ version: "1.0.0" })).toContain("claude update");
  expect(check({ version: undefined })).toStartWith("unknown");
  expect(check({ path: undefined })).toContain("install.sh");
  expect(check({ path: undefined, platform: "win32" })).toContain("install.ps1");
});

test("settings that send Claude Code elsewhere are bad; others are not", () => {
  const file = { path: "/h/settings.json", isManaged: false, env: {}, diverts: ["ANTHROPIC_BASE_URL"] };
  const found = check({ settings: [file] });
  expect(found).toContain(
    "bad: /h/settings.json sets ANTHROPIC_BASE_URL, so Claude Code bypasses this proxy",
  );
  expect(found).toContain("remove ANTHROPIC_BASE_URL from that file");
  expect(check({ settings: [{ ...file, isManaged: true }] })).toContain("whoever manages");
  expect(check({ settings: [{ ...file, diverts: [] }] })).not.toContain("bad");
});

test("proxies and certificates of the environment are mentioned, without their values", () => {
  const found = check({ env: { HTTPS_PROXY: "http://u:secret@p", NODE_EXTRA_CA_CERTS: "/ca.pem" } });
  expect(found).toContain("HTTPS_PROXY");
  expect(found).toContain("/ca.pem");
  expect(found).not.toContain("secret");
});
