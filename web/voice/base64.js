/** The bytes of 16-bit samples, little-endian as every browser keeps them, in base64. */
export function encodeSamples(samples) {
  let text = "";
  for (const byte of new Uint8Array(samples.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @returns {Float32Array} -1…1 */
export function decodeSamples(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / 32_768);
}
