import { createRequire } from "node:module";

/** Where npm put Silero v6; the package's own name where it put it nowhere, so that loading says what is missing. */
export function voiceModelPath(): string {
  const file = "@ricky0123/vad-web/dist/silero_vad_v6.onnx";
  try {
    return createRequire(import.meta.url).resolve(file);
  } catch {
    return file;
  }
}
