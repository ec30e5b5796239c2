import { writeOggPage } from "./ogg-pages.ts";
import { opusGranuleHz, writeOpusHead } from "./opus-head.ts";
import type { OpusPacketEncoder } from "./opus-packets.ts";

/** So many packets of 20 ms lie in a page: what a listener waits for, against 1 % of overhead. */
const packetsAPage = 5;
const flag = { first: 2, last: 4 } as const;

/** Samples → an Ogg Opus file (RFC 7845), piece by piece. */
export class OggOpusWriter {
  readonly #encoder: OpusPacketEncoder;
  readonly #perSample: number;
  readonly #frame: Int16Array;
  #filled = 0;
  #packets: Uint8Array[] = [];
  #pages = 0;
  /** Samples taken in, and samples put into packets. */
  #taken = 0;
  #encoded = 0;

  constructor(encoder: OpusPacketEncoder) {
    this.#encoder = encoder;
    this.#perSample = opusGranuleHz / encoder.sampleRate;
    this.#frame = new Int16Array(encoder.frameSamples);
  }

  /** The file's first bytes. */
  head(): Uint8Array {
    const head = writeOpusHead(this.#preSkip, this.#encoder.sampleRate);
    const vendor = new TextEncoder().encode("sektor");
    const tags = Buffer.alloc(8 + 4 + vendor.length + 4);
    tags.write("OpusTags");
    tags.writeUInt32LE(vendor.length, 8);
    tags.set(vendor, 12);
    return Buffer.concat([this.#page([head], 0, flag.first), this.#page([tags], 0, 0)]);
  }

  push(samples: Int16Array): Uint8Array {
    this.#taken += samples.length;
    return Buffer.concat(this.#feed(samples));
  }

  /** What was still on its way through the encoder, and the end. */
  end(): Uint8Array {
    const frame = this.#frame.length;
    const rest = this.#taken + this.#encoder.lookahead - this.#encoded - this.#filled;
    const padded = Math.ceil((this.#filled + rest) / frame) * frame - this.#filled;
    const pages = this.#feed(new Int16Array(Math.max(0, padded)));
    pages.push(this.#page(this.#packets, this.#preSkip + this.#taken * this.#perSample, flag.last));
    return Buffer.concat(pages);
  }

  get #preSkip(): number {
    return Math.round(this.#encoder.lookahead * this.#perSample);
  }

  #feed(samples: Int16Array): Uint8Array[] {
    const pages: Uint8Array[] = [];
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#frame.length) break;
      // The file's last packets belong on its last page, so a page leaves when the packet behind it comes.
      if (this.#packets.length === packetsAPage) {
        pages.push(this.#page(this.#packets, this.#encoded * this.#perSample, 0));
        this.#packets = [];
      }
      this.#packets.push(this.#encoder.encode(this.#frame));
      this.#encoded += this.#frame.length;
      this.#filled = 0;
    }
    return pages;
  }

  #page(packets: readonly Uint8Array[], granule: number, flags: number): Uint8Array {
    return writeOggPage(packets, { serial: 1, sequence: this.#pages++, granule: BigInt(Math.round(granule)), flags });
  }
}
