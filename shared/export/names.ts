/**
 * Makes names that begin with the link's and that every device takes: letters, digits, `-` and `_`. Two that would be the same get a number, in the
 * order in which they are asked for.
 */
export function deviceNames(link: string): (...parts: readonly string[]) => string {
  const taken = new Set<string>();
  return (...parts) => {
    const plain = ["pointsman", link, ...parts].join("-").replace(/[^A-Za-z0-9-]/g, "_");
    let name = plain;
    for (let count = 2; taken.has(name); count++) name = `${plain}_${count}`;
    taken.add(name);
    return name;
  };
}
