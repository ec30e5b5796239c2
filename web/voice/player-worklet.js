/**
 * Plays what it is given, in order, and knows at every moment how much of it has left the queue.
 * In: {item, samples} to play; {flush: number} to forget all that waits.
 * Out: {playing: boolean} when sound begins or runs out; {flushed: number, items: [{item, playedSamples, isWhole}]}, the item that was
 * played last first; isWhole: nothing of it was waiting.
 */
class Player extends AudioWorkletProcessor {
  queue = [];
  /** Samples of the first piece that have been played. */
  at = 0;
  /** The item that was played last, and how much of it. */
  item = undefined;
  played = 0;
  playing = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data.flush !== undefined) this.flush(data.flush);
      else this.queue.push(data);
    };
  }

  flush(number) {
    const waiting = new Set(this.queue.map(({ item }) => item));
    const items = [...new Set([this.item, ...waiting])]
      .filter((item) => item !== undefined)
      .map((item) => ({ item, playedSamples: item === this.item ? this.played : 0, isWhole: !waiting.has(item) }));
    this.queue = [];
    this.at = 0;
    this.item = undefined;
    this.tell(false);
    this.port.postMessage({ flushed: number, items });
  }

  tell(playing) {
    if (playing === this.playing) return;
    this.playing = playing;
    this.port.postMessage({ playing });
  }

  process(_inputs, [[output]]) {
    let filled = 0;
    while (filled < output.length && this.queue.length > 0) {
      const { item, samples } = this.queue[0];
      if (item !== this.item) {
        this.item = item;
        this.played = 0;
      }
      const count = Math.min(output.length - filled, samples.length - this.at);
      output.set(samples.subarray(this.at, this.at + count), filled);
      filled += count;
      this.at += count;
      this.played += count;
      if (this.at < samples.length) continue;
      this.queue.shift();
      this.at = 0;
    }
    this.tell(filled > 0);
    return true;
  }
}

registerProcessor("player", Player);
