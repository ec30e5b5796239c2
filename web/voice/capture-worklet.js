/** 20 ms at the context's 24 kHz. */
const frameSamples = 480;

/** The microphone, as frames of 16-bit samples on the audio thread's own time. */
class Capture extends AudioWorkletProcessor {
  frame = new Int16Array(frameSamples);
  filled = 0;

  process([[samples = []]]) {
    for (const sample of samples) {
      this.frame[this.filled++] = Math.max(-1, Math.min(1, sample)) * 32_767;
      if (this.filled < frameSamples) continue;
      this.port.postMessage(this.frame, [this.frame.buffer]);
      this.frame = new Int16Array(frameSamples);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor("capture", Capture);
