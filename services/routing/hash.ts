/** Where FNV-1a starts, as a signed number. */
export const hashStart = 0x811c9dc5 | 0;

/** One step of FNV-1a over a UTF-16 unit. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hashStep(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** MurmurHash3's finaliser: every input bit reaches every output bit, which FNV alone does not do for the low ones. */
export function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
