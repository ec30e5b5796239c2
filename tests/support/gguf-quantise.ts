/** How ggml stores numbers: ids and block layouts of ggml.h and ggml-common.h. */
export type BlockType = "F32" | "F16" | "Q8_0" | "Q4_0";

interface BlockLayout {
  /** ggml_type. */
  readonly id: number;
  /** LLAMA_FTYPE of a file made mostly of it. */
  readonly fileType: number;
  /** Numbers in a block. */
  readonly values: number;
  /** Bytes of a block. */
  readonly bytes: number;
  encode(values: Float32Array): Uint8Array;
}

const blockLength = 32;

export const blockTypes: Readonly<Record<BlockType, BlockLayout>> = {
  F32: { id: 0, fileType: 0, values: 1, bytes: 4, encode: (x) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength) },
  F16: { id: 1, fileType: 1, values: 1, bytes: 2, encode: encodeF16 },
  Q8_0: { id: 8, fileType: 7, values: blockLength, bytes: 34, encode: encodeQ8 },
  Q4_0: { id: 2, fileType: 2, values: blockLength, bytes: 18, encode: encodeQ4 },
};

const floatBits = new Float32Array(1);
const intBits = new Uint32Array(floatBits.buffer);

/** Round to nearest, ties up; too small becomes subnormal or zero, too large infinite. */
export function toHalf(value: number): number {
  floatBits[0] = value;
  const bits = intBits[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent > 0) return (sign | (exponent << 10) | (mantissa >>> 13)) + ((mantissa >>> 12) & 1);
  if (exponent < -10) return sign;
  const shifted = (mantissa | 0x800000) >>> (1 - exponent);
  return (sign | (shifted >>> 13)) + ((shifted >>> 12) & 1);
}

function encodeF16(values: Float32Array): Uint8Array {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = toHalf(values[i] as number);
  return new Uint8Array(halves.buffer);
}

/** Per block: scale, then 32 signed bytes. */
function encodeQ8(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array((values.length / blockLength) * 34);
  for (let start = 0, at = 0; start < values.length; start += blockLength, at += 34) {
    let largest = 0;
    for (let i = 0; i < blockLength; i++) largest = Math.max(largest, Math.abs(values[start + i] as number));
    const scale = largest / 127;
    writeHalf(bytes, at, scale);
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = 0; i < blockLength; i++)
      bytes[at + 2 + i] = Math.round((values[start + i] as number) * inverse) & 0xff;
  }
  return bytes;
}

/** Per block: scale, then 16 bytes; the low half of each holds one of the first 16 numbers, the high half one of the last. */
function encodeQ4(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array((values.length / blockLength) * 18);
  for (let start = 0, at = 0; start < values.length; start += blockLength, at += 18) {
    let extreme = 0;
    for (let i = 0; i < blockLength; i++) {
      const value = values[start + i] as number;
      if (Math.abs(value) > Math.abs(extreme)) extreme = value;
    }
    const scale = extreme / -8;
    writeHalf(bytes, at, scale);
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = 0; i < 16; i++) {
      const low = Math.min(15, ((values[start + i] as number) * inverse + 8.5) | 0);
      const high = Math.min(15, ((values[start + 16 + i] as number) * inverse + 8.5) | 0);
      bytes[at + 2 + i] = low | (high << 4);
    }
  }
  return bytes;
}

function writeHalf(bytes: Uint8Array, at: number, value: number): void {
  const half = toHalf(value);
  bytes[at] = half & 0xff;
  bytes[at + 1] = half >>> 8;
}
