import { describe, expect, test } from "bun:test";
import { tokenRulesFor } from "../../../src/catalog/token-rules.ts";
import { imageTokens } from "../../../src/plan/size/count-media.ts";

function png(width: number, height: number): string {
  const header = Buffer.alloc(24);
  header.write("\x89PNG\r\n\x1a\n", "latin1");
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return header.toString("base64");
}

/** A JPEG with a color profile of many segments before its size. */
function jpeg(width: number, height: number): string {
  const segment = Buffer.alloc(60_002);
  segment.writeUInt32BE(0xffe2ea60);
  const frame = Buffer.alloc(9);
  frame.writeUInt32BE(0xffc00011);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), segment, segment, frame]).toString("base64");
}

const costOf = (data: string, model: string): number =>
  imageTokens({ type: "base64", media_type: "image/png", data }, tokenRulesFor(model).images);

describe("an image costs what the model's family charges", () => {
  const rows: readonly [model: string, width: number, height: number, tokens: number][] = [
    // The examples of OpenAI's guide.
    ["gpt-4o", 1024, 1024, 765],
    ["gpt-4o", 2048, 4096, 1105],
    ["openai/gpt-4o", 300, 200, 255],
    ["gpt-4o-mini", 512, 512, 2833 + 5667],
    ["chatgpt-4o-latest", 1024, 1024, 765],
    ["gpt-4.1", 1024, 1024, 765],
    ["gpt-4.1-mini", 1024, 1024, Math.round(1024 * 1.62)],
    ["gpt-5-mini-2025-08-07", 1800, 2400, Math.round(1452 * 1.62)],
    ["gpt-5.4-nano", 320, 320, Math.round(100 * 2.46)],
    ["gpt-5", 1024, 1024, 70 + 4 * 140],
    ["gpt-5.2", 1800, 2400, 1452],
    ["gpt-5.4", 1024, 1024, 1024],
    ["gpt-5.4", 4000, 3000, 2451],
    ["o3", 1024, 1024, 75 + 4 * 150],
    ["o4-mini", 320, 320, 172],
    // Anthropic's guide.
    ["anthropic/claude-sonnet-4.5", 200, 200, 54],
    ["anthropic/claude-sonnet-4.5", 3136, 1568, 1600],
    ["anthropic/claude-sonnet-4.5", 15_680, 750, 157],
    ["anthropic/claude-opus-4.7", 2576, 1392, 4782],
    ["~anthropic/claude-sonnet-5.5", 4000, 4000, 4784],
    // Google's guides.
    ["gemini-2.5-pro", 384, 300, 258],
    ["google/gemini-2.5-flash", 960, 540, 6 * 258],
    ["gemini-3.1-pro", 4000, 3000, 1120],
    ["gemma-3-27b-it", 4000, 3000, 256],
    ["grok-4", 448, 448, 298],
    ["qwen2.5-vl-72b", 280, 280, 100],
    ["qwen3-vl:32b", 320, 320, 100],
    ["pixtral-12b", 160, 160, 100],
    // An unknown model: by the area.
    ["mystery", 750, 750, 750],
  ];
  for (const [model, width, height, tokens] of rows) {
    test(`${model}: ${width} × ${height}`, () => expect(costOf(png(width, height), model)).toBe(tokens));
  }

  test("the size of a JPEG is found past its color profile", () =>
    expect(costOf(jpeg(300, 200), "gpt-4o")).toBe(255));

  test("an image of unknown size counts like a screenshot", () => {
    const screenshot = costOf(png(1280, 960), "gpt-4o");
    expect(costOf("AAAA", "gpt-4o")).toBe(screenshot);
    const { images } = tokenRulesFor("gpt-4o");
    expect(imageTokens({ type: "url", url: "https://example.com/a.png" }, images)).toBe(screenshot);
    expect(imageTokens({ type: "file", file_id: "file_1" }, images)).toBe(screenshot);
  });
});
