import { describe, expect, test } from "bun:test";
import { estimateKinds, estimateText } from "../../src/lib/estimate-text.ts";
import { countText } from "../../src/lib/tokenizer.ts";

const samples: Readonly<Record<string, string>> = {
  "English prose": `It was a bright cold day in April, and the clocks were striking thirteen. He pulled his collar up
    against the wind and walked quickly through the glass doors of the building, though not quickly enough to keep a
    swirl of gritty dust from entering along with him. "We should be there before nine," she said, "unless it rains."`,
  "a shell session": `$ ls -la src/\ntotal 24\ndrwxr-xr-x 4 user users 4096 Nov 22 23:01 .\n-rw-r--r-- 1 user users 1187
    Nov 22 22:58 errors.ts\n$ git status --short\n M src/reply.ts\n?? test/\n`,
  "a source file": await Bun.file(import.meta.path).text(),
  "a JSON schema": JSON.stringify({
    type: "object",
    properties: {
      file_path: { type: "string", description: "The absolute path to the file to modify" },
      replace_all: {
        type: "boolean",
        default: false,
        description: "Replace all occurrences (default false)",
      },
    },
    required: ["file_path"],
    additionalProperties: false,
  }),
  "numbers in a table": Array.from(
    { length: 40 },
    (_, row) => `${row},${(row * 7919) % 1000}.${row * 31},2026-04-${row}`,
  ).join("\n"),
  Chinese: "人工智能正在改变我们的生活方式。请帮我检查一下这个函数为什么会返回错误的结果，并写一个测试用例。",
  Japanese: "このファイルを読んで、エラーを修正してください。テストも追加してほしいです。名前はまだ無い。",
  Korean: "이 함수가 왜 잘못된 결과를 반환하는지 확인하고 테스트를 작성해 주세요. 감사합니다.",
  Russian: "Пожалуйста, проверьте, почему эта функция возвращает неверный результат, и напишите тест.",
  German:
    "Bitte prüfe, warum diese Funktion ein falsches Ergebnis zurückgibt, und schreibe größere Tests dafür.",
  Arabic: "يرجى التحقق من سبب إرجاع هذه الدالة لنتيجة خاطئة وكتابة اختبار لها.",
  Hindi: "कृपया जाँचें कि यह फ़ंक्शन गलत परिणाम क्यों देता है और एक परीक्षण लिखें।",
  emoji: "Done ✅ Great job 🎉🎉! Next step → deploy 🚀 — let's go…",
  base64: Buffer.from(
    Array.from({ length: 900 }, (_, index) => (index * index * 31 + index * 7) % 251),
  ).toString("base64"),
};

describe("estimateText", () => {
  for (const [name, text] of Object.entries(samples)) {
    test(`is within 35 % of the count: ${name}`, async () => {
      const ratio = estimateText(text) / (await countText(text));
      expect(ratio).toBeGreaterThan(0.65);
      expect(ratio).toBeLessThan(1.35);
    });
  }

  test("is 0 for no text, and never falls when text is added", () => {
    expect(estimateText("")).toBe(0);
    for (const text of Object.values(samples)) {
      expect(estimateText(text + text)).toBeGreaterThan(estimateText(text));
    }
  });
});

describe("estimateKinds", () => {
  const kindsOf = (text: string) => estimateKinds(text).kinds;

  test("the kinds of a text are shares of it", () => {
    expect(kindsOf("只有中文字").foreign).toBeCloseTo(1, 10);
    expect(kindsOf("12,345,678").digits).toBeGreaterThan(0.5);
    expect(kindsOf("if (a) { b(); }").marks).toBeGreaterThan(0.4);
    expect(kindsOf("only plain words")).toEqual({ marks: 0, foreign: 0, digits: 0 });
    expect(kindsOf("")).toEqual({ marks: 0, foreign: 0, digits: 0 });
  });

  test("its tokens are those of estimateText", () => {
    for (const text of Object.values(samples)) expect(estimateKinds(text).tokens).toBe(estimateText(text));
  });
});
