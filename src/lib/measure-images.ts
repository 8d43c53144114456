/**
 * How much of a page of a PDF is covered by images: a scan has hardly any text of its own.
 *
 * The reader is told to remove every image, because decoding takes much time and memory. What is left of an image is
 * the transformation that gave its place, with nothing drawn after it.
 */

type Matrix = readonly [number, number, number, number, number, number];

/** One step in the drawing of a page, as far as it matters here. */
export type DrawingStep =
  | { readonly type: "save" | "restore" | "draw" }
  | { readonly type: "transform"; readonly matrix: Matrix };

/** Of a page, in its own units. */
type PageBox = readonly [left: number, bottom: number, right: number, top: number];

/** What `save` keeps and `restore` brings back. */
type State = {
  readonly matrix: Matrix;
  /** The transformation came last, so there was an image if nothing follows. */
  readonly isImage: boolean;
};

const start: State = { matrix: [1, 0, 0, 1, 0, 0], isImage: false };

/** Returns the share of the page that images cover; more than 1 if they lie upon one another. */
export async function measureImages(steps: AsyncIterable<DrawingStep>, page: PageBox): Promise<number> {
  let area = 0;
  let state = start;
  const saved: State[] = [];
  const leave = (): void => {
    if (state.isImage) area += areaOnPage(state.matrix, page);
    state = { ...(saved.pop() ?? start), isImage: false };
  };
  for await (const step of steps) {
    switch (step.type) {
      case "save":
        saved.push(state);
        break;
      case "restore":
        leave();
        break;
      case "draw":
        state = { ...state, isImage: false };
        break;
      case "transform":
        state = { matrix: multiply(state.matrix, step.matrix), isImage: true };
        break;
      default:
        step satisfies never;
    }
  }
  leave();
  const [left, bottom, right, top] = page;
  return area / ((right - left) * (top - bottom));
}

/** The matrix that does `second` first, as the operators of PDF do. */
function multiply([a, b, c, d, e, f]: Matrix, second: Matrix): Matrix {
  const [a2, b2, c2, d2, e2, f2] = second;
  return [
    a * a2 + c * b2,
    b * a2 + d * b2,
    a * c2 + c * d2,
    b * c2 + d * d2,
    a * e2 + c * f2 + e,
    b * e2 + d * f2 + f,
  ];
}

/** An image fills the unit square; here the box around it, as far as it is on the page. */
function areaOnPage([a, b, c, d, e, f]: Matrix, [left, bottom, right, top]: PageBox): number {
  const [xs, ys] = [
    [e, e + a, e + c, e + a + c],
    [f, f + b, f + d, f + b + d],
  ];
  const width = Math.min(right, Math.max(...xs)) - Math.max(left, Math.min(...xs));
  const height = Math.min(top, Math.max(...ys)) - Math.max(bottom, Math.min(...ys));
  return Math.max(0, width) * Math.max(0, height);
}
