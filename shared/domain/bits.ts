/** Sets of small whole numbers as bytes, so that "who reaches whom" of a large link stays a few dozen bytes. */
export type Bits = Uint8Array<ArrayBuffer>;

export const noBits: Bits = new Uint8Array(0);

export function bitsOf(members: readonly number[]): Bits {
  let highest = -1;
  for (const member of members) highest = Math.max(highest, member);
  if (highest < 0) return noBits;
  const bits = new Uint8Array((highest >> 3) + 1);
  for (const member of members) bits[member >> 3] = (bits[member >> 3] ?? 0) | (1 << (member & 7));
  return bits;
}

export function isEmpty(bits: Bits): boolean {
  for (const byte of bits) if (byte !== 0) return false;
  return true;
}

export function hasBit(bits: Bits, member: number): boolean {
  return ((bits[member >> 3] ?? 0) & (1 << (member & 7))) !== 0;
}

export function membersOf(bits: Bits): readonly number[] {
  const members: number[] = [];
  for (let member = 0; member < bits.length * 8; member++) if (hasBit(bits, member)) members.push(member);
  return members;
}

export function sameBits(a: Bits, b: Bits): boolean {
  if (a === b) return true;
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) if ((a[at] ?? 0) !== (b[at] ?? 0)) return false;
  return true;
}

export function unionBits(a: Bits, b: Bits): Bits {
  const bits = new Uint8Array(Math.max(a.length, b.length));
  for (let at = 0; at < bits.length; at++) bits[at] = (a[at] ?? 0) | (b[at] ?? 0);
  return bits;
}

export function intersectBits(a: Bits, b: Bits): Bits {
  const bits = new Uint8Array(Math.min(a.length, b.length));
  for (let at = 0; at < bits.length; at++) bits[at] = (a[at] ?? 0) & (b[at] ?? 0);
  return bits;
}
