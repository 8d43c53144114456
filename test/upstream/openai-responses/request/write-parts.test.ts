import { expect, test } from "bun:test";
import { writeInputContent } from "../../../../src/upstream/openai-responses/request/write-parts.ts";

const text = (words: string) => ({ type: "text", text: words }) as const;
const pdf = "data:application/pdf;base64,QUJD";

test("texts are one string, unless marks may come and go", () => {
  expect(writeInputContent([text("a"), text("b")], "\n", false)).toBe("a\nb");
  expect(writeInputContent([text("a")], "\n", true)).toEqual([{ type: "input_text", text: "a" }]);
});

test("every part has its form", () => {
  const marked = { ...text("a"), cache_control: { type: "ephemeral" as const } };
  expect(
    writeInputContent(
      [
        marked,
        { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } },
        { type: "file", file: { filename: "a.pdf", file_data: pdf } },
        { type: "file", file: { filename: "a.pdf", file_data: "https://example.com/a.pdf" } },
        { type: "document_url", document_url: pdf },
      ],
      "\n",
      false,
    ),
  ).toEqual([
    { type: "input_text", text: "a", prompt_cache_breakpoint: { mode: "explicit" } },
    { type: "input_image", image_url: "data:image/png;base64,QUJD", detail: "auto" },
    { type: "input_file", filename: "a.pdf", file_data: pdf },
    { type: "input_file", file_url: "https://example.com/a.pdf" },
    { type: "input_file", file_url: pdf },
  ]);
});
