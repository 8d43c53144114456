import { expect, test } from "bun:test";
import { shortenText } from "../../../src/adapt/system-prompt/shorten-text.ts";

const shorten = (text: string, characters: number) =>
  shortenText(text, characters, async (beginning) =>
    beginning.length <= characters ? beginning : undefined,
  );

test("keeps as many sentences as are accepted", async () => {
  expect(await shorten("One two. Three four! Five six?", 22)).toBe("One two. Three four!");
  expect(await shorten("一二三。四五六。七八九。", 9)).toBe("一二三。四五六。");
});

test("cuts between words where there are no sentences", async () =>
  expect(await shorten("one two three", 9)).toBe("one two"));

test("cuts a first sentence that is too long between words, and letters without space anywhere", async () => {
  expect(await shorten(`${"word ".repeat(30)}end. Next.`, 99)).toBe("word ".repeat(20).trimEnd());
  expect(await shorten("字".repeat(300), 100)).toBe("字".repeat(100));
  expect(await shorten("👍".repeat(60), 99)).toBe("👍".repeat(49));
});

test("cuts neither code nor tags, and nothing that has no room", async () => {
  expect(await shorten("One. ```\ncode\n``` Two.", 10)).toBeUndefined();
  expect(await shorten("One. <b>Two.</b> Three.", 10)).toBeUndefined();
  expect(await shorten("One two. Three.", 3)).toBeUndefined();
});
