/** The caller can mend it; said in one sentence. */
export class UploadRefused extends Error {
  override readonly name = "UploadRefused";
}
