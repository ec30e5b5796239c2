/** One page of an Ogg file (RFC 3533). */
export interface OggPage {
  readonly serial: number;
  /** Position of the last sample that ends here; -1n: none does. */
  readonly granule: bigint;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Whether the first of `packets` goes on where the page before broke off. */
  readonly continues: boolean;
  readonly packets: readonly Uint8Array[];
  /** Whether the last of `packets` goes on with the next page. */
  readonly unfinished: boolean;
}

const headBytes = 27;
const checksumAt = 22;
const capture = Buffer.from("OggS");
/** Bytes that only look like pages are summed up in vain, 65 KB each: so often and no more. */
const maxBrokenPages = 64;

/** The file's pages in order. What lies between them, broken pages and a page that breaks off are left out; too many broken ones end it. */
export function* readOggPages(bytes: Uint8Array): Generator<OggPage> {
  const searched = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = searched.indexOf(capture), broken = 0; at >= 0 && broken < maxBrokenPages; ) {
    const read = readPage(bytes, at);
    if (read === undefined) broken++;
    else yield read.page;
    at = searched.indexOf(capture, read?.end ?? at + 1);
  }
}

function readPage(bytes: Uint8Array, at: number): { readonly page: OggPage; readonly end: number } | undefined {
  if (at + headBytes > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const segments = view.getUint8(26);
  const body = headBytes + segments;
  if (view.getUint8(4) !== 0 || at + body > bytes.length) return undefined;
  const sizes = bytes.subarray(at + headBytes, at + body);
  const length = body + sizes.reduce((sum, size) => sum + size, 0);
  if (at + length > bytes.length) return undefined;
  const whole = bytes.subarray(at, at + length);
  if (oggChecksum(whole) !== view.getUint32(checksumAt, true)) return undefined;
  const flags = view.getUint8(5);
  const packets: Uint8Array[] = [];
  let begin = body;
  let end = body;
  for (const size of sizes) {
    end += size;
    if (size === 255) continue;
    packets.push(whole.subarray(begin, end));
    begin = end;
  }
  const unfinished = sizes.at(-1) === 255;
  if (unfinished) packets.push(whole.subarray(begin, end));
  const page: OggPage = {
    serial: view.getUint32(14, true),
    granule: view.getBigInt64(6, true),
    continues: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    packets,
    unfinished,
  };
  return { page, end: at + length };
}

/** @param packets whole ones, each under 65 025 bytes, all together of at most 255 segments */
export function writeOggPage(
  packets: readonly Uint8Array[],
  page: { readonly serial: number; readonly sequence: number; readonly granule: bigint; readonly flags: number },
): Uint8Array {
  const sizes = packets.flatMap(({ length }) => [...new Array(Math.floor(length / 255)).fill(255), length % 255]);
  const length = headBytes + sizes.length + packets.reduce((sum, packet) => sum + packet.length, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(capture);
  view.setUint8(5, page.flags);
  view.setBigInt64(6, page.granule, true);
  view.setUint32(14, page.serial, true);
  view.setUint32(18, page.sequence, true);
  view.setUint8(26, sizes.length);
  bytes.set(sizes, headBytes);
  let at = headBytes + sizes.length;
  for (const packet of packets) {
    bytes.set(packet, at);
    at += packet.length;
  }
  view.setUint32(checksumAt, oggChecksum(bytes), true);
  return bytes;
}

const checksums = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c1_1db7 : 0);
  return value;
});

/** CRC-32 as Ogg has it: not reflected, beginning with 0, and with zeros in place of the four bytes it is kept in. */
function oggChecksum(page: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < page.length; at++) {
    const isOwn = at >= checksumAt && at < checksumAt + 4;
    sum = (sum << 8) ^ (checksums[(sum >>> 24) ^ (isOwn ? 0 : (page[at] as number))] as number);
  }
  return sum >>> 0;
}
