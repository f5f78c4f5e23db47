/** What an answer is made of: a list becomes `<item>` elements, what is undefined is left out. */
export type Xml = string | number | boolean | Date | undefined | readonly Xml[] | { readonly [name: string]: Xml };

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#xD;",
};

/** Text as it may stand between two tags. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character);
}

/** The inside of an element, in the form that EC2 uses. */
export function renderXml(value: Xml): string {
  if (value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object") return escapeXml(String(value));
  if (isList(value)) return value.map((item) => `<item>${renderXml(item)}</item>`).join("");
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => `<${name}>${renderXml(inner)}</${name}>`)
    .join("");
}

function isList(value: object): value is readonly Xml[] {
  return Array.isArray(value);
}
