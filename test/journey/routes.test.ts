import { afterEach, expect, test } from "bun:test";
import { z } from "zod";
import { text } from "../support/fake-upstream.ts";
import { type RoutedProxy, startRouted } from "../support/routed-proxy.ts";

let proxy: RoutedProxy | undefined;
afterEach(() => proxy?.close());

const toml = `
[routes]
opus = "far@big"
subagent = "near@*"
"agent:Explore" = "near@small"
[aliases]
fast = "near@quick"
`;

async function start(): Promise<RoutedProxy> {
  proxy = await startRouted({ far: text("Far"), near: text("Near") }, { toml });
  return proxy;
}

const asked = z.object({ model: z.string() });

test("requests go where their class, agent, alias or tier says", async () => {
  const { say, backend } = await start();
  const near = () => asked.parse(backend("near").lastChat().body).model;
  expect(await say()).toBe("Far");
  expect(await say({}, { "x-claude-code-request-class": "subagent" })).toBe("Near");
  expect(near()).toBe("claude-opus-5-5");
  expect(await say({}, { "x-claude-code-agent-type": "Explore" })).toBe("Near");
  expect(near()).toBe("small");
  expect(await say({ model: "claude/fast" })).toBe("Near");
  expect(near()).toBe("quick");
  expect(await say({ model: "far@any" }, { "x-claude-code-request-class": "subagent" })).toBe("Far");
});

const page = z.object({ data: z.array(z.object({ id: z.string(), display_name: z.string() })) });

test("the list of models says where each goes", async () => {
  const { url } = await start();
  const list = async () => page.parse(await (await fetch(`${url}/v1/models?limit=100`)).json()).data;
  while ((await list()).length < 6) await Bun.sleep(1);
  expect((await list()).map(({ id, display_name }) => `${id}: ${display_name}`)).toEqual([
    "claude-opus: Opus → big at far",
    "claude-sonnet: Sonnet → big at far",
    "claude-haiku: Haiku → big at far",
    "claude/fast: fast → quick at near",
    "claude/far@fake-model: fake-model at far",
    "claude/near@fake-model: fake-model at near",
  ]);
});
