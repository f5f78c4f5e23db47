/** Colours by meaning. Each function returns its text unchanged where colours are off. */
export type Style = {
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
};

/** The style for a terminal with or without colours. */
export function styleFor(hasColour: boolean): Style {
  const paint = (code: number) => (text: string) =>
    hasColour && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { good: paint(32), warn: paint(33), bad: paint(31), dim: paint(2), bold: paint(1) };
}
