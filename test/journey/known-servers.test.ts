/** What a server is told about who asks, and what it says of itself. */
import { afterEach, expect, test } from "bun:test";
import { isObject } from "../../src/lib/json.ts";
import { version } from "../../src/version.ts";
import { json, text } from "../support/fake-upstream.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
afterEach(() => proxy.close());

const own = `claude-code-proxy/${version}`;
const client = { "user-agent": "claude-cli/2.1.332 (external, cli)" };
const agent = () => proxy.upstream.lastChat().headers.get("user-agent");

test("a backend learns who asks, and the client's name only if it wants to know", async () => {
  proxy = await startProxy(text("Hello"));
  await proxy.post(ask(), client);
  expect(agent()).toBe(own);
  await proxy.close();
  proxy = await startProxy(text("Hello"), { config: { backend: { name: "moonshot" } } });
  await proxy.post(ask(), client);
  expect(agent()).toBe(`${own} ${client["user-agent"]}`);
  await proxy.close();
  const customHeaders = { "User-Agent": "mine/1" };
  proxy = await startProxy(text("Hello"), { config: { backend: { name: "moonshot", customHeaders } } });
  await proxy.post(ask(), client);
  expect(agent()).toBe("mine/1");
});

test("a server that says it is llama.cpp is spoken to as such, by any name of a model", async () => {
  const models = json({
    object: "list",
    data: [
      { id: "tiny.gguf", object: "model", owned_by: "llamacpp", meta: { n_ctx: 9000, n_ctx_train: 131_072 } },
    ],
  });
  proxy = await startProxy(text("Hello"), { upstream: { models, extensions: ["chat_template_kwargs"] } });
  await proxy.heard("Read the backend's model list");
  await proxy.post(ask({ thinking: { type: "disabled" }, max_tokens: 20_000 }));
  const { body } = proxy.upstream.lastChat();
  expect(body).toMatchObject({ chat_template_kwargs: { enable_thinking: false }, reasoning_effort: "none" });
  // The window of its one model holds for every name.
  expect(isObject(body) && Number(body.max_tokens)).toBeLessThan(9000);
});
