/**
 * Claude Code reads a PDF and an image from disk. Since 2.1.330 the PDF is inside the tool's result, before that next
 * to it. Either way the backend gets its text, or the file.
 */
import { text, toolCalls } from "../../test/support/fake-upstream.ts";
import { writePdf } from "../../test/support/write-pdf.ts";
import { type Asked, type Scenario, textOf } from "./scenario.ts";

/** 2 by 2 pixels, red. */
export const redPicture = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mN4oKAARAwQCgAijgSBlUK7gQAAAABJRU5ErkJggg==",
);

const pdf = writePdf([["The bridge opens in March"], ["and closes in May"]], { title: "Bridge" });

const story = (name: string, findFaults: (asked: Asked) => readonly (string | false)[]): Scenario => ({
  name,
  files: { "bridge.pdf": pdf, "red.png": redPicture },
  rounds: (project) => [
    [
      toolCalls(
        ["bridge.pdf", "red.png"].map((file) => ({
          id: `call_${file}`.replace(".", "_"),
          name: "Read",
          arguments: { file_path: `${project}/${file}` },
        })),
      ),
    ],
    [text("In March.")],
  ],
  findFaults: ({ cli, asked }) => {
    const last = asked[1];
    if (!last) return ["the backend did not get the results"];
    const pictures = partsOf(last, "image_url");
    return [
      pictures.length !== 1 && `the backend got ${pictures.length} pictures`,
      cli.result?.result !== "In March." && `the answer: ${cli.result?.result}`,
      ...findFaults(last),
    ];
  },
});

export const readsPdf: Scenario = story("reads-pdf", (asked) => {
  const words = asked.messages.map(textOf).join("\n");
  return [
    !/\[Page 1\]\s+The bridge opens in March\s+\[Page 2\]\s+and closes in May/.test(words) &&
      "the backend did not get the text of the pages",
    partsOf(asked, "file").length > 0 && "the backend got a file that it cannot read",
  ];
});

export const passesPdf: Scenario = {
  ...story("passes-pdf", (asked) => {
    const data = `data:application/pdf;base64,${pdf.toString("base64")}`;
    const files = partsOf(asked, "file");
    const lastTool = asked.messages.findLastIndex(({ role }) => role === "tool");
    const holder = asked.messages.findIndex(({ content }) => content === files[0]?.content);
    return [
      files.length !== 1 && `the backend got ${files.length} files`,
      !JSON.stringify(files[0]?.part).includes(data) && "the file is not the one on disk",
      holder < lastTool && "the file came before the last tool message",
    ];
  }),
  backend: "openai",
};

function partsOf({ messages }: Asked, type: string) {
  return messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : (content ?? []).filter((part) => part.type === type).map((part) => ({ part, content })),
  );
}
