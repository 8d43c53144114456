import { expect, test } from "bun:test";
import { type DrawingStep, measureImages } from "../../src/lib/measure-images.ts";

const [save, restore, draw] = [{ type: "save" }, { type: "restore" }, { type: "draw" }] as const;
const scale = (x: number, y: number): DrawingStep => ({ type: "transform", matrix: [x, 0, 0, y, 0, 0] });
const move = (x: number, y: number): DrawingStep => ({ type: "transform", matrix: [1, 0, 0, 1, x, y] });
const turn: DrawingStep = { type: "transform", matrix: [0, 1, -1, 0, 0, 0] };

const rows: [name: string, steps: DrawingStep[], share: number][] = [
  ["nothing", [], 0],
  ["an image on the whole page", [save, scale(10, 20), restore], 1],
  ["one that is not restored", [scale(10, 20)], 1],
  ["half a page", [scale(5, 20)], 0.5],
  ["more than the page", [move(-5, -5), scale(100, 100)], 1],
  ["turned", [move(10, 0), turn, scale(20, 10)], 1],
  ["two on half a page each", [save, scale(5, 20), restore, save, move(5, 0), scale(5, 20), restore], 1],
  ["in a form", [save, scale(10, 20), save, restore, restore], 1],
  ["a drawing", [save, scale(10, 20), draw, restore], 0],
  ["beside the page", [move(10, 0), scale(10, 20)], 0],
  ["too many restored", [restore, restore, scale(10, 20)], 1],
];

test.each(rows)("%s covers its share of the page", async (_, steps, share) => {
  async function* drawn() {
    yield* steps;
  }
  expect(await measureImages(drawn(), [0, 0, 10, 20])).toBeCloseTo(share);
});
