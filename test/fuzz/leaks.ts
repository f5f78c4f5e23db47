import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Stack lines, names of source files and modules, class names of errors. What is sent holds none of these. */
const insides =
  /\.[cm]?[tj]s:\d|node:|node_modules|file:\/\/|\n\s+at |\b[A-Z][A-Za-z]*(?:Error|Exception)\b|\[native code]/;

/** What a text shows of our insides; undefined when it shows nothing. */
export function leakIn(text: string): string | undefined {
  const at = text.indexOf(root);
  if (at >= 0) return text.slice(at, at + 200);
  return insides.exec(text)?.[0];
}

const known = Reflect.ownKeys(Object.prototype).length;

/** Whether something that was sent reached the prototype of all objects. */
export function isPolluted(): boolean {
  return Reflect.ownKeys(Object.prototype).length !== known || "polluted" in {};
}
