import { expect, test } from "bun:test";
import { DataUrl } from "../../../src/upstream/content/data-url.ts";
import { writeAttachments } from "../../../src/upstream/content/write-attachments.ts";

const data = "QUJD".repeat(5000);
const big = DataUrl.of("image/png", data);
const url = `data:image/png;base64,${data}`;
const write = (...urls: (string | DataUrl)[]) =>
  writeAttachments((cut) =>
    JSON.stringify({ about: "“é” 🚀", urls: urls.map((url) => (typeof url === "string" ? url : cut(url))) }),
  );

test("the body is the same as without cutting", () => {
  for (const urls of [[], [big], [big, "https://example.com/a.png", big], [`${url}"`], [data], [url]])
    expect(JSON.parse(String(write(...urls)))).toEqual(JSON.parse(JSON.stringify({ about: "“é” 🚀", urls })));
});

test("only a body with an attachment is written in ASCII", () => {
  expect(String(write(big))).toMatch(/^[ -~]+$/);
  expect(write("https://example.com/a.png")).toContain("“é” 🚀");
});
