/** Tables, which on a phone are lists of cards: each cell knows the name of its column. */
import { type Child, make } from "./dom.ts";

export type TableColumn<Row> = {
  readonly name: string;
  readonly isNumber?: true;
  readonly cell: (row: Row) => Child;
};

export function makeTable<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
  caption: string,
): HTMLElement {
  const head = columns.map(({ name, isNumber }) =>
    make("th", { scope: "col", class: isNumber && "number" }, name),
  );
  return makeCards(caption, head, make("tbody", {}, ...rows.map((row) => makeRow(columns, row))));
}

/** @param caption for those who do not see the table */
export function makeCards(caption: string, head: readonly HTMLElement[], body: HTMLElement): HTMLElement {
  return make(
    "table",
    { class: "cards" },
    make("caption", { class: "hidden" }, caption),
    make("thead", {}, make("tr", {}, ...head)),
    body,
  );
}

export function makeRow<Row>(columns: readonly TableColumn<Row>[], row: Row): HTMLTableRowElement {
  const cells = columns.map(({ name, isNumber, cell }) => {
    const child = cell(row);
    const isNone = child === undefined || child === "" || child === "–";
    const kinds = [...(isNumber ? ["number"] : []), ...(isNone ? ["none"] : [])];
    return make("td", { "data-name": name, class: kinds.length > 0 && kinds.join(" ") }, child);
  });
  return make("tr", {}, ...cells);
}
