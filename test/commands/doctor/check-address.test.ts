import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer as createHttps } from "node:https";
import { createServer, type Server } from "node:net";
import { checkAddress } from "../../../src/commands/doctor/check-address.ts";

const fixtures = `${import.meta.dir}/../../fixtures/tls`;
const servers: Server[] = [];

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

let plain: string;
let secure: string;
beforeAll(async () => {
  plain = await listen(createServer((socket) => socket.destroy()));
  const [key, cert] = await Promise.all(
    ["key", "certificate"].map((name) => Bun.file(`${fixtures}/${name}.pem`).text()),
  );
  secure = await listen(
    createHttps({ ...(key && { key }), ...(cert && { cert }) }, (_, answer) => answer.end()),
  );
});
afterAll(() => {
  for (const server of servers) server.close();
});

async function check(url: string, proxies: Record<string, string> = {}): Promise<string[]> {
  const findings = await checkAddress(url, proxies, "OPENAI_BASE_URL");
  return findings.map(({ state, topic, text, advice = "" }) => `${state} ${topic}: ${text}; ${advice}`);
}

test("each step is told, and the first that fails is the last", async () => {
  expect(await check(`http://${plain}`)).toEqual([expect.stringMatching(/^good TCP: .* takes connections/)]);
  expect(await check("http://127.0.0.1:9")).toEqual([
    expect.stringMatching(/^bad TCP: 127\.0\.0\.1:9: the connection was refused; check that the server runs/),
  ]);
  expect(await check("http://localhost:9")).toEqual([
    expect.stringMatching(/^good DNS: localhost is /),
    expect.stringMatching(/^bad TCP: /),
  ]);
  expect(await check("https://no-such-host.invalid")).toEqual([
    expect.stringMatching(/^bad DNS: .* was not found/),
  ]);
});

test("TLS is tried where it is asked for, and missed where it is not", async () => {
  expect((await check(`https://${secure}`)).at(-1)).toMatch(
    /^bad TLS: .* not trusted; see NODE_EXTRA_CA_CERTS/,
  );
  expect((await check(`http://${secure}`)).at(-1)).toMatch(/^bad TLS: .* speaks TLS .*https:\/\/ address/);
  expect((await check(`https://${plain}`)).at(-1)).toMatch(/^bad TLS: /);
});

test("a proxy on the way is what is tried, by the variable that names it", async () => {
  const found = await check("https://api.example.com", { HTTPS_PROXY: "http://u:secret@127.0.0.1:9" });
  expect(found).toEqual([
    expect.stringMatching(/^bad TCP: the proxy 127\.0\.0\.1:9 \(HTTPS_PROXY\): .*check HTTPS_PROXY/),
  ]);
  expect(found.join()).not.toContain("secret");
});
