import { expect, test } from "bun:test";
import { findProviders } from "./find-providers.ts";

test.each([
  ['if (backend === "zai") wait();', ["zai"]],
  ["/^(minimax|other)$/i.test(name)", ["minimax"]],
  ["`$" + "{maker}/Gemini`", ["Gemini"]],
  ["case 1302:", ["1302"]],
  ['name === "together"', ["together"]],
  ['"llama.cpp and Kimi"', ["llama.cpp", "Kimi"]],
  ['fetch("https://dashscope-intl.aliyuncs.com/v1")', ["dashscope-intl.aliyuncs.com"]],
  ['url.host === "127.0.0.1:11434"', ["127.0.0.1:11434"]],
])("%s", (code, found) => {
  expect(findProviders(code)).toEqual(found);
});

test.each([
  '// as "zai" does',
  "/** Groq and https://api.groq.com */ const a = 1;",
  'import { x } from "./upstream/openai.ts";',
  "chunk.x_groq?.usage",
  '"OPENAI_API_KEY"',
  '"any OpenAI-compatible backend"',
  "13021",
  '"They come together"',
])("%s names no provider", (code) => {
  expect(findProviders(code)).toEqual([]);
});
