import { MPEGDecoder } from "mpg123-decoder";

/** What the decoder could not make sense of; it goes on behind it. */
export class BrokenMp3Error extends Error {
  override readonly name = "BrokenMp3Error";
}

/**
 * A decoder of MPEG audio, for one stream: mpg123 as WASM. Free it when done.
 * The package tells each fault on the console and then tries the same again, for as long as it fails. Here a fault is thrown instead, so
 * that nobody's broken file fills the log or holds up the process; a test keeps this true of the version that is installed.
 */
export async function openMp3Decoder(): Promise<MPEGDecoder> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  return Object.assign(decoder, {
    _getErrorMessage(fault: number): never {
      throw new BrokenMp3Error(`mpg123 says ${fault}`);
    },
  });
}
