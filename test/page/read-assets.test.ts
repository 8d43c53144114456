import { expect, test } from "bun:test";
import { assets } from "../../src/page/assets.ts";
import { readAssets } from "../../src/page/read-assets.ts";

test("the parts are in the program, as scripts without types", () => {
  const parts = readAssets();
  expect(assets).toEqual(parts);
  expect(Object.keys(parts)).toContain("app.ts");
  for (const [name, { type, text }] of Object.entries(parts)) {
    expect(type).toMatch(/^text\/(?:css|javascript); charset=utf-8$/);
    if (name.endsWith(".ts"))
      expect(() => new Bun.Transpiler({ loader: "js" }).transformSync(text)).not.toThrow();
    // Everything that a part wants is a part.
    for (const [, wanted] of text.matchAll(/from\s*"\.\/([^"]+)"/g))
      expect(Object.keys(parts)).toContain(wanted ?? "");
    expect(text).not.toMatch(/\beval\(|new Function|https?:\/\/(?!www\.w3\.org|github\.com)/);
  }
});

test("the license of the library is with it", () => {
  expect(assets["uplot.js"]?.text).toContain("Permission is hereby granted");
});
