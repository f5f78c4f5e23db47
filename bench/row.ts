/** One figure of a benchmark: against a named floor measured in the same run, or a bar that is a figure itself. */
export type Row = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is measured against; null where the bar is absolute. */
  readonly floor: number | null;
  readonly ratio: number | null;
  /** The bar in words, and whether it holds; null where there is none. */
  readonly bar: string | null;
  readonly holds: boolean | null;
};

/** A row measured against a floor, with a bar on the ratio or none. */
export function ratioRow(
  name: string,
  value: number,
  unit: string,
  floor: number,
  bar?: { readonly least: number } | { readonly most: number },
): Row {
  const ratio = value / floor;
  if (bar === undefined) return { name, value, unit, floor, ratio, bar: null, holds: null };
  const holds = "least" in bar ? ratio >= bar.least : ratio <= bar.most;
  return {
    name,
    value,
    unit,
    floor,
    ratio,
    bar: "least" in bar ? `ratio ≥ ${bar.least}` : `ratio ≤ ${bar.most}`,
    holds,
  };
}

/** A row with a bar on the value itself, or none. */
export function plainRow(
  name: string,
  value: number,
  unit: string,
  bar?: { readonly least?: number; readonly most?: number },
): Row {
  const texts = [
    ...(bar?.least === undefined ? [] : [`≥ ${bar.least}`]),
    ...(bar?.most === undefined ? [] : [`≤ ${bar.most}`]),
  ];
  const holds = value >= (bar?.least ?? Number.NEGATIVE_INFINITY) && value <= (bar?.most ?? Number.POSITIVE_INFINITY);
  return {
    name,
    value,
    unit,
    floor: null,
    ratio: null,
    bar: texts.length === 0 ? null : texts.join(", "),
    holds: texts.length === 0 ? null : holds,
  };
}

/** A benchmark: a name to choose it by, and its rows; `note` tells a person what happens, line by line. */
export type Bench = { readonly name: string; run(note: (line: string) => void): Promise<readonly Row[]> };
