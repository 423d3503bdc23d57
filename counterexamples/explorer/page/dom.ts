/** Elements made from data. Texts go into text nodes and attributes only: nothing of a specification is ever read as markup. */

type Attribute = string | number | boolean | null | ((event: never) => void);
export type Attributes = Readonly<Record<string, Attribute>>;
export type Child = Node | string | null;

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as (event: Event) => void);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
}

/** An element of HTML; attributes that are functions listen to the event of their name. */
export function h<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  fill(element, attributes, children);
  return element;
}

/** An element of SVG. */
export function s<K extends keyof SVGElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: readonly Child[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  fill(element, attributes, children);
  return element;
}

/** A part of the page under a heading. */
export function section(title: string, name: string, ...children: readonly Child[]): HTMLElement {
  const id = `title-${name}`;
  return h("section", { class: name, "aria-labelledby": id }, h("h2", { id }, title), ...children);
}

/** Text that drives nothing: control characters and changes of direction are made visible. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (char) => (char === "\n" ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`));
}
