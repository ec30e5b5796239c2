import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** 16 MiB and some 40 ms a key. A key has 256 random bits, so the cost is a second line, not the first. */
const cost = { N: 16_384, r: 8, p: 1 } as const;
const saltBytes = 16;
const hashBytes = 32;

export interface KeyHash {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** scrypt on a thread of the pool; the event loop goes on. */
export async function hashKey(text: string, salt: Buffer = randomBytes(saltBytes)): Promise<KeyHash> {
  const hash = await new Promise<Buffer>((resolve, reject) => {
    scrypt(text, salt, hashBytes, cost, (failure, derived) => (failure === null ? resolve(derived) : reject(failure)));
  });
  return { salt, hash };
}

/** In constant time once the hash is computed. */
export async function matchesHash(text: string, { salt, hash }: KeyHash): Promise<boolean> {
  const { hash: own } = await hashKey(text, salt);
  return own.length === hash.length && timingSafeEqual(own, hash);
}
