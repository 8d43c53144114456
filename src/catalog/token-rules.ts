/**
 * How a family of models counts tokens: its vocabulary, and the cost of an image and a page. Selected by the model's
 * name, since the same model has many hosts. If we do not have the vocabulary, `ratio` is only a first guess: what the
 * backend reports for the first answer replaces it. Prices of images change faster than tables: they are first guesses
 * too, and a conversation's own report outweighs them.
 */
import { rememberResults } from "../lib/remember-results.ts";
import type { Encoding } from "../lib/tokenizer.ts";

export type ImageRule =
  /** Inside 2048 × 2048, the shorter side at most 768, tiles of 512. Source: OpenAI's guide on images. */
  | { readonly kind: "tiles"; readonly base: number; readonly tile: number }
  /** Squares of `side` pixels, shrunk until at most `maxPatches` cover the image; `each` tokens a square. */
  | { readonly kind: "patches"; readonly side: number; readonly maxPatches: number; readonly each: number }
  /** Shrunk to `maxSide` pixels on the longer side; then a token for every `pixels` pixels. */
  | { readonly kind: "area"; readonly pixels: number; readonly maxSide: number; readonly maxTokens: number }
  /** One crop if both sides are at most 384, else crops of two thirds of the shorter side. */
  | { readonly kind: "crops"; readonly each: number }
  | { readonly kind: "fixed"; readonly tokens: number };

export type TokenRules = {
  readonly encoding: Encoding;
  /** Tokens of the model for each token of `encoding`; 1 if the vocabulary is the model's own. */
  readonly ratio: number;
  readonly images: ImageRule;
  /** Tokens of a PDF page, if the backend reads PDFs itself. */
  readonly page: number;
};

/**
 * A page is image and text together: Anthropic's PDF guide, 1,500 to 3,000 tokens. The ratio lies in the middle of the
 * vocabularies that we can try: a Claude Code prompt has as many tokens as in `o200k`, or up to 19 % more.
 */
const common: TokenRules = {
  encoding: "o200k",
  ratio: 1.075,
  images: { kind: "area", pixels: 750, maxSide: 1568, maxTokens: 1600 },
  page: 2000,
};

const ownVocabulary: Partial<TokenRules> = { ratio: 1 };

/** The model's name without its maker's; a later row adds to the earlier ones that match. */
const families: readonly (readonly [model: RegExp, rules: Partial<TokenRules>])[] = [
  // Which models have which vocabulary: tiktoken's model table. gpt-oss: its model card (o200k_harmony).
  [/^(chatgpt|gpt|o\d|codex|computer-use)/, ownVocabulary],
  [/^gpt-(3\.5|4(?![.o]))/, { encoding: "cl100k" }],
  // Images: the tables of OpenAI's guide on images; models it does not name yet count like the newest.
  [/^gpt-/, { images: { kind: "patches", side: 32, maxPatches: 2500, each: 1 } }],
  [/^(chat)?gpt-4/, { images: { kind: "tiles", base: 85, tile: 170 } }],
  [/^gpt-4o-mini/, { images: { kind: "tiles", base: 2833, tile: 5667 } }],
  [/^gpt-5(-\d{4}|-chat|-pro|$)/, { images: { kind: "tiles", base: 70, tile: 140 } }],
  [
    /^gpt-5(\.[1-3])?-codex|^gpt-5\.[1-3]/,
    { images: { kind: "patches", side: 32, maxPatches: 1536, each: 1 } },
  ],
  [/^gpt-(4\.1|5|5\.\d+)-mini/, { images: { kind: "patches", side: 32, maxPatches: 1536, each: 1.62 } }],
  [/^gpt-(4\.1|5|5\.\d+)-nano/, { images: { kind: "patches", side: 32, maxPatches: 1536, each: 2.46 } }],
  [/^o[13]/, { images: { kind: "tiles", base: 75, tile: 150 } }],
  [/^o4-mini/, { images: { kind: "patches", side: 32, maxPatches: 1536, each: 1.72 } }],
  [/^computer-use/, { images: { kind: "tiles", base: 65, tile: 129 } }],

  [/^claude/, { ratio: 1.2 }],
  // A vocabulary of its own, up to 1.35 times as many tokens, and images of up to 2,576 pixels: Anthropic's migration
  // guide and vision guide.
  [
    /^claude-(opus-4[.-][7-9]|\w+-[5-9])/,
    { ratio: 1.4, images: { kind: "area", pixels: 750, maxSide: 2576, maxTokens: 4784 } },
  ],

  // Source: Google's guides on tokens and on media resolution.
  [/^gemini/, { images: { kind: "crops", each: 258 }, page: 258 }],
  [/^gemini-[3-9]/, { images: { kind: "fixed", tokens: 1120 }, page: 560 }],
  [/^gemma/, { images: { kind: "fixed", tokens: 256 } }],

  // Tiles of 448 pixels at 256 tokens, and one for the whole: xAI's guide on images.
  [/^grok/, { images: { kind: "patches", side: 448, maxPatches: 6, each: 298 } }],

  // Two by two patches of 14 pixels, of 16 from the third generation on: the models' preprocessor_config.json.
  [/^(qwen|qvq|glm|kimi|moonshot)/, { images: { kind: "patches", side: 28, maxPatches: 16_384, each: 1 } }],
  [/^qwen-?(3|[4-9])/, { images: { kind: "patches", side: 32, maxPatches: 16_384, each: 1 } }],
  // Patches of 16 pixels in the first vision models, two by two of 14 in later ones, at most 1,540 pixels wide.
  [/^pixtral/, { images: { kind: "patches", side: 16, maxPatches: 4096, each: 1 } }],
  [
    /^(mistral|ministral|magistral|devstral)/,
    { images: { kind: "patches", side: 28, maxPatches: 3025, each: 1 } },
  ],
];

/** The same object every time, as long as the model is in use. */
export const tokenRulesFor: (model: string) => TokenRules = rememberResults((model) => {
  const name = model.toLowerCase().replace(/^.*\//, "").replace(/^~/, "");
  const matching = families.filter(([pattern]) => pattern.test(name));
  return Object.assign({ ...common }, ...matching.map(([, rules]) => rules));
}, 256);
