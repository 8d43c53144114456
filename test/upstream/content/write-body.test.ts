import { expect, test } from "bun:test";
import fc from "fast-check";
import { DataUrl } from "../../../src/upstream/content/data-url.ts";
import type { ContentPart } from "../../../src/upstream/content/parts.ts";
import { writeBody } from "../../../src/upstream/content/write-body.ts";
import type { ChatMessage } from "../../../src/upstream/openai-chat/wire.ts";
import type { FunctionTool } from "../../../src/upstream/tools/write-tools.ts";

const big = "QUJD".repeat(5000);
const picture = DataUrl.of("image/png", big);
const write = (messages: ChatMessage[], tools?: FunctionTool[]) =>
  writeBody({ model: "é", messages, ...(tools && { tools }), stream: true });

test("any messages are written as JSON.stringify would", () => {
  const url = fc.constantFrom(
    picture,
    DataUrl.of("image/png", "QUJD"),
    DataUrl.of('image/"png"', big),
    DataUrl.of("image/png", `${big}\n`),
    DataUrl.of("image/png", `${big}"`),
    `data:image/png;base64,${big}`,
    `data:image/png;base64,${big}"`,
    `data:image/png;base64,${big}\n`,
    `data:image/"png";base64,${big}`,
    `https://example.com/${big}`,
    big,
    "data:image/png;base64,QUJD",
  );
  const long = fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.repeat(30));
  const part: fc.Arbitrary<ContentPart> = fc.oneof(
    long.map((text) => ({ type: "text" as const, text })),
    fc.string({ unit: "binary" }).map((text) => ({ type: "text" as const, text })),
    url.map((one) => ({ type: "text" as const, text: typeof one === "string" ? one : one.toJSON() })),
    url.map((one) => ({ type: "image_url" as const, image_url: { url: one } })),
    url.map((one) => ({ type: "file" as const, file: { filename: "ü.pdf", file_data: one } })),
    url.map((one) => ({ type: "document_url" as const, document_url: one })),
  );
  const parts = fc.array(part, { maxLength: 4 });
  const message: fc.Arbitrary<ChatMessage> = fc.oneof(
    parts.map((content) => ({ role: "user" as const, content })),
    parts.map((content) => ({ role: "tool" as const, tool_call_id: "call_1", content })),
    fc.string({ unit: "binary" }).map((content) => ({ role: "assistant" as const, content })),
    fc
      .constantFrom("user" as const, "system" as const, "assistant" as const)
      .chain((role) => long.map((content) => ({ role, content }))),
    long.map((text) => ({ role: "system" as const, content: [{ type: "text" as const, text }] })),
  );
  const tool = long.map((description) => ({
    type: "function" as const,
    function: { name: "A", description, parameters: { type: "object" } },
  }));
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), fc.array(tool, { maxLength: 2 }), (messages, tools) => {
      const expected = JSON.parse(JSON.stringify({ model: "é", messages, tools, stream: true }));
      expect(JSON.parse(String(write(messages, tools)))).toEqual(expected);
      // Known by now.
      expect(JSON.parse(String(write(messages, tools)))).toEqual(expected);
    }),
  );
});

test("a body with a picture is plain ASCII, one without is as usual", () => {
  const image: ContentPart = { type: "image_url", image_url: { url: picture } };
  const text: ContentPart = { type: "text", text: "naïve “x” 🚀" };
  expect(String(write([{ role: "user", content: [image, text] }]))).toMatch(/^[ -~]+$/);
  expect(write([{ role: "user", content: [text] }])).toContain("naïve “x” 🚀");
});
