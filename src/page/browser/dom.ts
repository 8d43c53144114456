/** Making elements, without HTML as text: what clients have named is only ever text. */

/** @throws Error if the page has no such element */
export function find<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no #${id}`);
}

type Attributes = Readonly<Record<string, string | boolean | undefined>>;
export type Child = Node | string | undefined;

/** An element with attributes, of which those that are false or undefined are left out, and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Replaces the children only if that changes something, so that a selection or the focus stays. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  const fresh = make("div", {}, ...children);
  if (parent.innerHTML !== fresh.innerHTML) parent.replaceChildren(...fresh.childNodes);
}

/** A bar that is filled to a share from 0 to 1. What it shows is said in words beside it. */
export function makeBar(share: number): HTMLElement {
  const filled = make("span");
  filled.style.width = `${Math.round(share * 1000) / 10}%`;
  return make("span", { class: "bar", "aria-hidden": "true" }, filled);
}

/** Buttons of which one is pressed. */
export function makeChoice<Value extends string>(
  parent: Element,
  options: readonly (readonly [value: Value, label: string])[],
  chosen: Value,
  onChoose: (value: Value) => void,
): void {
  const buttons = options.map(([value, label]) => {
    const button = make("button", { type: "button", "aria-pressed": String(value === chosen) }, label);
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      onChoose(value);
    });
    return button;
  });
  parent.replaceChildren(...buttons);
}
