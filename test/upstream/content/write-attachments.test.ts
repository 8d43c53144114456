import { expect, test } from "bun:test";
import { writeAttachments } from "../../../src/upstream/content/write-attachments.ts";

const big = `data:image/png;base64,${"QUJD".repeat(5000)}`;
const write = (...urls: string[]) =>
  writeAttachments((cut) => JSON.stringify({ about: "“é” 🚀", urls: urls.map(cut) }));

test("the body is the same as without cutting", () => {
  for (const urls of [[], [big], [big, "https://example.com/a.png", big], [`${big}"`], [big.slice(22)]])
    expect(JSON.parse(write(...urls))).toEqual({ about: "“é” 🚀", urls });
});

test("only a body with an attachment is written in ASCII", () => {
  expect(write(big)).toMatch(/^[ -~]+$/);
  expect(write("https://example.com/a.png")).toContain("“é” 🚀");
});
