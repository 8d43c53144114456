import { expect, test } from "bun:test";
import { countPrompt, countWords } from "../../src/demo/count-usage.ts";
import { chatRequest } from "../../src/demo/wire.ts";

const count = (more: object) =>
  countPrompt(chatRequest.parse({ model: "m", messages: [{ role: "user", content: "Hi" }], ...more }));

test("tools count, and media by their number", () => {
  const plain = count({});
  const parameters = { type: "object", properties: { text: { description: "x".repeat(4000) } } };
  expect(count({ tools: [{ type: "function", function: { name: "f", parameters } }] })).toBeGreaterThan(
    plain + 1000,
  );
  const url = `data:image/png;base64,${"A".repeat(400_000)}`;
  const image = count({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] });
  expect(image).toBeGreaterThan(1000);
  expect(image).toBeLessThan(1100);
});

test("bytes count, not letters", () => {
  expect(countWords("abcd")).toBe(1);
  expect(countWords("漢字漢字")).toBe(3);
});
