// Stands for whisper.cpp's binary, which is too large to be installed for tests: the same class, and it breaks when the first
// sample asks for it. 32 767 ends the process, -32 768 answers nothing, 16 384 (0.5) takes its time.
const { readFileSync } = require("node:fs");

class WhisperContext {
  constructor({ filePath }) {
    if (readFileSync(filePath, "latin1") !== "lmgg") throw new Error("Failed to load model");
  }

  transcribeData(audio, { language, prompt = "" }) {
    const samples = new Int16Array(audio);
    if (samples[0] === 32_767) process.exit(7);
    if (samples[0] === -32_768) return { promise: new Promise(() => {}) };
    const segments = [
      { text: " Merhaba,", t0: 0, t1: 500 },
      { text: ` ${language} dünya. [MÜZİK]${prompt === "" ? "" : ` ${prompt}`}`, t0: 500, t1: 1500 },
    ];
    const pauseMs = samples[0] === 16_384 ? 200 : 0;
    return { promise: new Promise((resolve) => setTimeout(() => resolve({ segments }), pauseMs)) };
  }
}

module.exports = { WhisperContext };
