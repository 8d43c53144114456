import { expect, test } from "bun:test";
import type { BackendName } from "../../../src/catalog/backends/known-backends.ts";
import { quirksNamed } from "../../../src/catalog/choose-quirks.ts";
import { createCatalog, readModelList } from "../../../src/catalog/models.ts";
import { refuseSmallWindow } from "../../../src/commands/client/refuse-small-window.ts";
import { CommandError } from "../../../src/commands/command-error.ts";
import { exits } from "../../../src/commands/exit-codes.ts";

const models = { big: "m", middle: "m", small: "s" };

function refusal(backend: BackendName, entries: readonly object[], chosen = models): string | undefined {
  const catalog = createCatalog();
  catalog.replace(readModelList({ data: entries }), 0);
  try {
    const quirks = quirksNamed(backend);
    refuseSmallWindow([chosen.big, chosen.middle].map((model) => ({ model, catalog, quirks })));
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CommandError);
    expect(thrown).toHaveProperty("exitCode", exits.config.code);
    return String(thrown);
  }
  return undefined;
}

test.each([
  ["llamacpp", { id: "any.gguf", meta: { n_ctx: 8192 } }, "--ctx-size"],
  ["vllm", { id: "m", max_model_len: 8192 }, "--max-model-len"],
  ["ollama", { id: "m", context_length: 4096 }, "OLLAMA_CONTEXT_LENGTH"],
  ["sglang", { id: "m", max_model_len: 15_999 }, "--context-length"],
  ["lmstudio", { id: "m", loaded_context_length: 4096, max_context_length: 131_072 }, "lms load"],
  ["generic", { id: "m", context_length: 8192 }, "--max-model-len"],
] as const)("a small window of %s is refused, with the server's own setting", (backend, entry, setting) => {
  const words = refusal(backend, [entry]);
  expect(words).toMatch(/Cannot start Claude Code: m has a window of [\d,]+ tokens/);
  expect(words).toContain(setting);
});

test("a window that is large enough, or only a guess, or that of the small model, refuses nothing", () => {
  expect(refusal("vllm", [{ id: "m", max_model_len: 16_384 }])).toBeUndefined();
  expect(refusal("llamacpp", [{ id: "m", meta: { n_ctx_train: 4096 } }])).toBeUndefined();
  expect(refusal("vllm", [{ id: "m" }])).toBeUndefined();
  expect(refusal("vllm", [])).toBeUndefined();
  expect(refusal("vllm", [{ id: "s", max_model_len: 4096 }])).toBeUndefined();
});

test("a router's best host may have less than another one, which counts", () => {
  const entry = { id: "m", context_length: 131_072, top_provider: { context_length: 8192 } };
  expect(refusal("openrouter", [entry])).toBeUndefined();
});
