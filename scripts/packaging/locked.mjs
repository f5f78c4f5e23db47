// Takes the part out of package-lock.json that some packages need, so that what a platform installs is what was tested.

/**
 * A package-lock.json for a package with these `dependencies` (exact versions by name): they, and what they need, at the places and
 * versions that `lock` has them. Throws an Error when `lock` lacks one, or has another version.
 */
export function lockedPart(lock, { name, version, dependencies }) {
  const packages = { "": { name, version, dependencies } };
  const open = Object.keys(dependencies).map((wanted) => placeOf(lock, "", wanted));
  for (const place of open) {
    if (place in packages) continue;
    const entry = lock.packages[place];
    const { dev: _dev, peer: _peer, ...kept } = entry;
    packages[place] = kept;
    for (const wanted of Object.keys(entry.dependencies ?? {})) open.push(placeOf(lock, place, wanted));
  }
  for (const [wanted, exact] of Object.entries(dependencies)) {
    const found = packages[`node_modules/${wanted}`]?.version;
    if (found !== exact) throw new Error(`package-lock.json has ${wanted} ${found}, package.json ${exact}`);
  }
  const sorted = Object.entries(packages).sort(([one], [other]) => (one < other ? -1 : 1));
  return { name, version, lockfileVersion: 3, requires: true, packages: Object.fromEntries(sorted) };
}

/** Where Node finds `wanted` from the package at `from`: its own node_modules first, then those of the packages around it. */
function placeOf(lock, from, wanted) {
  for (let around = from; ; around = around.slice(0, Math.max(0, around.lastIndexOf("node_modules/") - 1))) {
    const place = around === "" ? `node_modules/${wanted}` : `${around}/node_modules/${wanted}`;
    if (place in lock.packages) return place;
    if (around === "") throw new Error(`package-lock.json has no ${wanted} for ${from}`);
  }
}
