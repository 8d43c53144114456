/**
 * Room `catalog/backends/`: one file per backend, as data, and here the list from which everything that names or
 * counts backends is derived. Only this room names providers. Not here: functions, and models that are the same at
 * every host.
 */
import { ark } from "./ark.ts";
import { azure } from "./azure.ts";
import { bedrock } from "./bedrock.ts";
import { cerebras } from "./cerebras.ts";
import { copilot } from "./copilot.ts";
import { deepinfra } from "./deepinfra.ts";
import { deepseek } from "./deepseek.ts";
import { fireworks } from "./fireworks.ts";
import { gemini } from "./gemini.ts";
import { generic } from "./generic.ts";
import { groq } from "./groq.ts";
import { huggingface } from "./huggingface.ts";
import type { KnownBackend } from "./known-backend.ts";
import { llamacpp } from "./llamacpp.ts";
import { lmstudio } from "./lmstudio.ts";
import { minimax } from "./minimax.ts";
import { mistral } from "./mistral.ts";
import { moonshot } from "./moonshot.ts";
import { nim } from "./nim.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import { qwen } from "./qwen.ts";
import { sglang } from "./sglang.ts";
import { siliconflow } from "./siliconflow.ts";
import { stepfun } from "./stepfun.ts";
import { together } from "./together.ts";
import { vercel } from "./vercel.ts";
import { vertex } from "./vertex.ts";
import { vllm } from "./vllm.ts";
import { xai } from "./xai.ts";
import { xiaomi } from "./xiaomi.ts";
import { zai } from "./zai.ts";

/** In the order of the README. */
const list = [
  openrouter,
  openai,
  azure,
  xai,
  deepseek,
  gemini,
  mistral,
  groq,
  ollama,
  vllm,
  llamacpp,
  lmstudio,
  moonshot,
  zai,
  qwen,
  minimax,
  xiaomi,
  ark,
  stepfun,
  cerebras,
  together,
  fireworks,
  deepinfra,
  siliconflow,
  huggingface,
  nim,
  vercel,
  bedrock,
  vertex,
  copilot,
  sglang,
  generic,
] as const;

export type BackendName = (typeof list)[number]["name"];

export const knownBackends: readonly (KnownBackend & { readonly name: BackendName })[] = list;

/** The values that `BACKEND_DIALECT` may have. */
export const backendNames: readonly BackendName[] = list.map(({ name }) => name);
