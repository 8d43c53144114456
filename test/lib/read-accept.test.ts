import { expect, test } from "bun:test";
import { qualityOf } from "../../src/lib/read-accept.ts";

const rows: [accept: string, quality: number][] = [
  ["", 0],
  ["*/*", 0],
  ["text/html", 1],
  ["Text/HTML; Q=0.5", 0.5],
  ["application/json, text/html;level=1;q=0.25", 0.25],
  ["text/html;q=0", 0],
  ["text/html;q=0.2, text/html;q=0.7", 0.7],
];

test.each(rows)("%j wants text/html: %d", (accept, quality) => {
  expect(qualityOf("text/html", accept)).toBe(quality);
});
