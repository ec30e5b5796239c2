/** Bars across the picture; speech lies in the lower half of what an analyser sees. */
const bars = 48;

/**
 * Draws the microphone upwards and the reply downwards, from one line in the middle. A picture for the eye alone: who speaks stands
 * beside it in words.
 * @param {HTMLCanvasElement} canvas
 */
export function createVisualiser(canvas) {
  const brush = canvas.getContext("2d");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let sound;
  let next;

  function draw() {
    const { width, height } = canvas;
    const style = getComputedStyle(canvas);
    brush.clearRect(0, 0, width, height);
    brush.fillStyle = style.getPropertyValue("--heard");
    drawSide(sound?.heard, (x, wide, tall) => brush.fillRect(x, height / 2 - tall, wide, tall));
    brush.fillStyle = style.getPropertyValue("--spoken");
    drawSide(sound?.spoken, (x, wide, tall) => brush.fillRect(x, height / 2, wide, tall));
    next = sound === undefined ? undefined : requestAnimationFrame(draw);
  }

  function drawSide(analyser, bar) {
    const wide = canvas.width / bars;
    const levels = analyser === undefined ? [] : levelsOf(analyser, calm.matches);
    for (let at = 0; at < bars; at++) bar(at * wide, wide * 0.7, 1 + (levels[at] ?? 0) * (canvas.height / 2 - 1));
  }

  draw();
  return {
    /** @param {{ heard: AnalyserNode, spoken: AnalyserNode } | undefined} opened undefined: silence */
    show(opened) {
      sound = opened;
      if (next === undefined) draw();
    },
  };
}

/** How loud each bar is, 0–1. Calm: all alike, so that nothing flickers. */
function levelsOf(analyser, calm) {
  const bins = new Uint8Array(analyser.frequencyBinCount);
  analyser.getByteFrequencyData(bins);
  const each = Math.floor(bins.length / 2 / bars);
  const levels = Array.from({ length: bars }, (_, at) => mean(bins.subarray(at * each, (at + 1) * each)) / 255);
  return calm ? levels.fill(mean(levels)) : levels;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
