import { describe, expect, it } from "vitest";
import { SpeechQueueFullError } from "../../../../services/speech/errors.ts";
import { PieceTurns } from "../../../../services/speech/synthesis/process/piece-turns.ts";
import { SpokenLine } from "../../../../services/speech/synthesis/process/spoken-line.ts";

const line = () =>
  new SpokenLine(
    ["bir", "iki", "üç"].map((text) => ({ text, pauseMs: 0 })),
    { voice: "tr", speed: 1, pitch: 1, volume: 1 },
  );
const begun = () => {
  const speaking = line();
  speaking.takePiece();
  speaking.pieceEnded();
  return speaking;
};

describe("PieceTurns", () => {
  it("lets whoever runs out of sound first go first, and equals in the order they came", () => {
    const turns = new PieceTurns(10);
    const [early, late, sameAsLate, earliest] = [line(), line(), line(), line()];
    turns.add(early, 20);
    turns.add(late, 30);
    turns.add(sameAsLate, 30);
    turns.add(earliest, 10);
    expect([turns.take(), turns.take(), turns.take(), turns.take(), turns.take()]).toEqual([
      ...[earliest, early, late, sameAsLate],
      undefined,
    ]);
  });

  it("keeps nobody waiting for ever: newcomers are due later than what has waited", () => {
    const turns = new PieceTurns(1000);
    const patient = begun();
    turns.add(patient, 2000);
    let served = 0;
    for (let nowMs = 0; turns.has(patient); nowMs += 30, served++) {
      turns.add(line(), nowMs);
      turns.take();
    }
    expect(served).toBeLessThanOrEqual(2000 / 30 + 2);
  });

  it("bounds new lines only: who has begun may always go on", () => {
    const turns = new PieceTurns(1);
    turns.add(line(), 0);
    expect(() => turns.add(line(), 0)).toThrow(SpeechQueueFullError);
    turns.add(begun(), 0);
    turns.take();
    turns.add(line(), 0);
  });

  it("forgets who has left", () => {
    const turns = new PieceTurns(10);
    const [gone, stays] = [line(), line()];
    turns.add(gone, 0);
    turns.add(stays, 1);
    turns.remove(gone);
    expect([turns.has(gone), turns.take(), turns.take()]).toEqual([false, stays, undefined]);
  });
});
