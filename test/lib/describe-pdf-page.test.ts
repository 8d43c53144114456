import { expect, test } from "bun:test";
import { describeAnnotations, markUnreadable } from "../../src/lib/describe-pdf-page.ts";

test("fields of a form and notes become lines, each once; what is hidden or empty does not", () => {
  const lines = describeAnnotations([
    { fieldName: "name", fieldValue: "Ann Lee" },
    { fieldName: "name", fieldValue: "Ann Lee" },
    { fieldName: "f2", alternativeText: "Towns", fieldValue: ["Rome", "Oslo"] },
    { fieldValue: "Yes" },
    { fieldName: "secret", fieldValue: "x", hidden: true },
    { fieldName: "empty", fieldValue: "" },
    { contentsObj: { str: " Please check " } },
    { contentsObj: { str: "" } },
  ]);
  expect(lines).toBe("name: Ann Lee\nTowns: Rome, Oslo\nField: Yes\nNote: Please check");
});

test("a choice is told as a reader sees it, and a link by where it leads", () => {
  const options = [
    { exportValue: "DE", displayValue: "Germany" },
    { exportValue: "FR", displayValue: "France" },
  ];
  const lines = describeAnnotations([
    { fieldName: "country", fieldValue: ["DE"], options },
    { fieldName: "other", fieldValue: "XX", options },
    { url: "https://a.example/terms" },
  ]);
  expect(lines).toBe("country: Germany\nother: XX\nLink: https://a.example/terms");
});

test("a page whose letters have no Unicode says so, and keeps what can be read", () => {
  const marked = markUnreadable("\ue001\ue002\ue003\ue004\nPage 1 of 2");
  expect(marked).toStartWith("[Much of this page cannot be read");
  expect(marked).toEndWith("Page 1 of 2");
  expect(marked).not.toMatch(/[\ue000-\uf8ff]/);
  expect(
    markUnreadable(`${"Words that can be read. ".repeat(9)}\n\ue001\ue002\ue003 \ue004\n1 of 2`),
  ).toMatch(/^\[Some of this page cannot be read.*\n(?:Words that can be read. ?){9}\n1 of 2$/);
  expect(markUnreadable("")).toBe("");
  expect(markUnreadable("Words, a bullet \uf0b7 and\tmore")).toBe("Words, a bullet \uf0b7 and\tmore");
});
