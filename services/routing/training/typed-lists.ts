/** A list of 32-bit numbers that grows: millions of them take a tenth of the memory of an array's. */
export interface TypedList<A extends Int32Array | Float32Array> {
  readonly length: number;
  push(value: number): void;
  /** What was pushed; a copy. */
  toArray(): A;
}

export function int32List(): TypedList<Int32Array> {
  return growing((length) => new Int32Array(length));
}

export function float32List(): TypedList<Float32Array> {
  return growing((length) => new Float32Array(length));
}

function growing<A extends Int32Array | Float32Array>(make: (length: number) => A): TypedList<A> {
  let held = make(1 << 16);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === held.length) {
        const larger = make(held.length * 2);
        larger.set(held);
        held = larger;
      }
      held[length++] = value;
    },
    toArray: () => held.slice(0, length) as A,
  };
}
