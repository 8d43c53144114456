/** The table of the last requests. */

import { make } from "./dom.ts";
import { formatCount } from "./format.ts";
import { makeCards, makeRow } from "./make-table.ts";
import { describe, type EndedMessage, messageColumns } from "./message-columns.ts";

/** Rows that are shown at first. */
const maxShown = 25;

/** A row that is already there stays the same element, opened or not. */
export function createRecent(place: HTMLElement) {
  const body = make("tbody");
  const head = [{ name: "Details", isNumber: undefined }, ...messageColumns].map(({ name, isNumber }) =>
    make(
      "th",
      { scope: "col", class: isNumber && "number" },
      name === "Details" ? make("span", { class: "hidden" }, name) : name,
    ),
  );
  const table = makeCards("The last requests, the newest first", head, body);
  const scroll = make(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of the last requests" },
    table,
  );
  const empty = make("p", { class: "empty" });
  const rows = new Map<string, readonly HTMLTableRowElement[]>();

  const more = make("button", { type: "button", class: "more" });
  let limit = maxShown;
  let redraw = (): void => {};
  more.addEventListener("click", () => {
    limit = Number.POSITIVE_INFINITY;
    redraw();
  });

  return {
    draw(
      messages: readonly EndedMessage[],
      isChosen: (message: EndedMessage) => boolean,
      adviceOf: (error: string) => string | undefined,
    ): void {
      redraw = () => this.draw(messages, isChosen, adviceOf);
      const found = messages.filter(isChosen);
      const chosen = found.slice(0, limit);
      more.textContent = `Show all ${formatCount(found.length)}`;
      more.hidden = chosen.length === found.length;
      const ids = new Set(chosen.map(({ id }) => id));
      for (const [id, own] of rows)
        if (!ids.has(id)) {
          for (const row of own) row.remove();
          rows.delete(id);
        }
      let next: ChildNode | null = body.firstChild;
      for (const message of chosen) {
        const own = rows.get(message.id) ?? makeRows(message, adviceOf);
        rows.set(message.id, own);
        for (const row of own)
          if (row === next) next = row.nextSibling;
          else body.insertBefore(row, next);
      }
      empty.textContent = messages.length === 0 ? "No request has finished yet." : "No request matches.";
      const shown = chosen.length === 0 ? empty : scroll;
      if (place.firstChild !== shown) place.replaceChildren(shown, more);
    },
  };
}

/** The row of a message, and the one below it that opens. */
function makeRows(
  message: EndedMessage,
  adviceOf: (error: string) => string | undefined,
): readonly HTMLTableRowElement[] {
  const row = makeRow(messageColumns, message);
  const facts = describe(message, adviceOf).flatMap(([name, text]) => [
    make("dt", {}, name),
    make("dd", {}, text),
  ]);
  const details = make(
    "tr",
    { class: "details", id: `details-${message.id}`, hidden: true },
    make("td", { colspan: String(messageColumns.length + 1) }, make("dl", {}, ...facts)),
  );
  const toggle = make(
    "button",
    {
      type: "button",
      class: "toggle",
      "aria-expanded": "false",
      "aria-controls": details.id,
      "aria-label": `Details of ${message.id}`,
    },
    "+",
  );
  toggle.addEventListener("click", () => {
    details.hidden = !details.hidden;
    toggle.setAttribute("aria-expanded", String(!details.hidden));
    toggle.textContent = details.hidden ? "+" : "−";
  });
  row.prepend(make("td", { class: "opens" }, toggle));
  if (message.error !== undefined) row.classList.add("failed");
  return [row, details];
}
