import { expect, test } from "bun:test";
import { testedVersion } from "../../../src/catalog/claude-code/claude-code.ts";
import { type ClientFacts, checkClient } from "../../../src/commands/doctor/check-client.ts";

function check(changes: Partial<ClientFacts>): string {
  const facts: ClientFacts = {
    path: "/bin/claude",
    version: `${testedVersion} (Claude Code)`,
    settings: { path: "/h/settings.json", text: undefined },
    env: {},
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
  expect(check({ path: undefined })).toContain("npm install --global @anthropic-ai/claude-code");
});

test("settings that send Claude Code elsewhere are bad; others, and what is no JSON, are not", () => {
  const settings = (text: string) => check({ settings: { path: "/h/settings.json", text } });
  expect(settings('{"env":{"ANTHROPIC_BASE_URL":"https://x"}}')).toContain("bad: /h/settings.json sets");
  for (const text of ['{"env":{}}', "{", "[]", '{"env":1}']) expect(settings(text)).not.toContain("bad");
});

test("proxies and certificates of the environment are mentioned, without their values", () => {
  const found = check({ env: { HTTPS_PROXY: "http://u:secret@p", NODE_EXTRA_CA_CERTS: "/ca.pem" } });
  expect(found).toContain("HTTPS_PROXY");
  expect(found).toContain("/ca.pem");
  expect(found).not.toContain("secret");
});
