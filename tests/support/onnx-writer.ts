/** Writes small ONNX models: just as much of the format as tests need. Field numbers: onnx.proto. */

export type OnnxType = "float" | "int64";
const typeNumbers = { float: 1, int64: 7 } as const;

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Integer attributes. */
  readonly attributes?: Readonly<Record<string, number>>;
}

export interface OnnxConstant {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  /** A text is a size known later. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
  /** Each after those it reads from. */
  readonly nodes: readonly OnnxNode[];
  readonly metadata: Readonly<Record<string, string>>;
}

const [irVersion, opset] = [8, 17];

export function writeOnnx({ inputs, outputs, constants, nodes, metadata }: OnnxModel): Buffer {
  const graph = [
    ...nodes.map((node) => bytes(1, nodeOf(node))),
    bytes(2, Buffer.from("test")),
    ...constants.map((constant) => bytes(5, tensorOf(constant))),
    ...inputs.map((value) => bytes(11, describeValue(value))),
    ...outputs.map((value) => bytes(12, describeValue(value))),
  ];
  return Buffer.concat([
    number(1, irVersion),
    bytes(7, Buffer.concat(graph)),
    bytes(8, number(2, opset)),
    ...Object.entries(metadata).map(([key, value]) => bytes(14, Buffer.concat([text(1, key), text(2, value)]))),
  ]);
}

function nodeOf({ operator, inputs, output, attributes = {} }: OnnxNode): Buffer {
  const integer = 2;
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      bytes(5, Buffer.concat([text(1, name), number(3, value), number(20, integer)])),
    ),
  ]);
}

function tensorOf({ name, type, shape, values }: OnnxConstant): Buffer {
  const raw =
    type === "float"
      ? Buffer.from(Float32Array.from(values).buffer)
      : Buffer.from(BigInt64Array.from(values.map((value) => BigInt(value))).buffer);
  return Buffer.concat([
    ...shape.map((size) => number(1, size)),
    number(2, typeNumbers[type]),
    text(8, name),
    bytes(9, raw),
  ]);
}

function describeValue({ name, type, shape }: OnnxValue): Buffer {
  const sizes = shape.map((size) => bytes(1, typeof size === "number" ? number(1, size) : text(2, size)));
  const tensor = Buffer.concat([number(1, typeNumbers[type]), bytes(2, Buffer.concat(sizes))]);
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

/** @param value whole, ≥ 0 */
function varint(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest]);
    out.push((rest % 128) + 128);
  }
}
