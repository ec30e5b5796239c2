import { describe, expect, it } from "vitest";
import { type Effect, initialState, phaseOf, type Signal, step } from "../../../../services/voice/session/state.ts";

/** What a row of signals comes to: the last phase, and everything that was to be done. */
function outcomeOf(...signals: readonly Signal[]) {
  let state = initialState;
  const effects: Effect[] = [];
  for (const signal of signals) {
    const stepped = step(state, signal);
    state = stepped.state;
    effects.push(...stepped.effects);
  }
  return { state, phase: phaseOf(state), effects };
}

const audio: Signal = { type: "audio" };
const starts: Signal = { type: "voice-start", interrupts: true };
const stops: Signal = { type: "voice-end" };
const understood: Signal = { type: "transcript", said: "words", latest: true, replies: true };
const nothing: Signal = { type: "transcript", said: "nothing", latest: true, replies: true };
const words: Signal = { type: "words", interrupts: true };
const asked: Signal = { type: "reply-asked" };
const cancelled: Signal = { type: "reply-cancelled" };
const sounds = (generation: number): Signal => ({ type: "reply-sounds", generation });
const ended = (generation: number): Signal => ({ type: "reply-ended", generation });
const speaking = [audio, starts, stops, understood, sounds(1)] as const;

describe("the state of a session", () => {
  it("passes through every phase of a turn and back to listening", () => {
    const signals = [audio, starts, stops, understood, sounds(1), ended(1)];
    const phases = signals.map((_, at) => outcomeOf(...signals.slice(0, at + 1)).phase);
    expect(phases).toEqual(["listening", "user_speaking", "committing", "thinking", "speaking", "listening"]);
    expect(outcomeOf(...signals).effects).toEqual(["start-reply"]);
  });

  it("is idle until audio comes", () => {
    expect(outcomeOf().phase).toBe("idle");
    expect(outcomeOf(asked).phase).toBe("thinking");
  });

  it("begins no reply to a cough", () => {
    expect(outcomeOf(audio, starts, stops, nothing)).toMatchObject({ phase: "listening", effects: [] });
  });

  it("holds a reply when somebody speaks, and cuts it at the first word", () => {
    expect(outcomeOf(...speaking, starts)).toMatchObject({
      phase: "interrupted",
      effects: ["start-reply", "hold-reply"],
    });
    expect(outcomeOf(...speaking, starts, words)).toMatchObject({
      phase: "user_speaking",
      effects: ["start-reply", "hold-reply", "cut-reply"],
    });
  });

  it("goes on with a held reply when the sound held no words", () => {
    const { phase, effects } = outcomeOf(...speaking, starts, stops, nothing);
    expect(phase).toBe("speaking");
    expect(effects.at(-1)).toBe("resume-reply");
  });

  it("goes on with a held reply when no word comes for long, and still lets a later word cut it", () => {
    const resumed = outcomeOf(...speaking, starts, { type: "false-alarm" });
    expect(resumed.effects.at(-1)).toBe("resume-reply");
    expect(outcomeOf(...speaking, starts, { type: "false-alarm" }, words).effects.at(-1)).toBe("cut-reply");
  });

  it("answers the interruption after cutting what it interrupted", () => {
    const { effects, state } = outcomeOf(...speaking, starts, stops, understood);
    expect(effects).toEqual(["start-reply", "hold-reply", "cut-reply", "start-reply"]);
    expect(state.generation).toBe(2);
  });

  it("cuts a held reply when it cannot be found out what was said", () => {
    const unknown: Signal = { type: "transcript", said: "unknown", latest: true, replies: true };
    expect(outcomeOf(...speaking, starts, stops, unknown)).toMatchObject({
      phase: "listening",
      effects: ["start-reply", "hold-reply", "cut-reply"],
    });
  });

  it("lets a reply go on where the client wants no interruptions, and answers afterwards", () => {
    const quiet: Signal = { type: "voice-start", interrupts: false };
    const during = outcomeOf(...speaking, quiet, stops, understood);
    expect(during.effects).toEqual(["start-reply"]);
    expect(outcomeOf(...speaking, quiet, stops, understood, ended(1)).effects).toEqual(["start-reply", "start-reply"]);
  });

  it("waits for the words of what was just said before it answers on request", () => {
    const committed: Signal = { type: "transcript", said: "words", latest: true, replies: false };
    expect(outcomeOf(audio, stops, asked).effects).toEqual([]);
    expect(outcomeOf(audio, stops, asked, committed).effects).toEqual(["start-reply"]);
    expect(outcomeOf(audio, stops, committed).effects).toEqual([]);
  });

  it("answers an utterance that was understood while somebody spoke again, even if that was a cough", () => {
    const earlier: Signal = { type: "transcript", said: "words", latest: false, replies: true };
    expect(outcomeOf(audio, starts, stops, starts, earlier).effects).toEqual([]);
    expect(outcomeOf(audio, starts, stops, starts, earlier, stops, nothing).effects).toEqual(["start-reply"]);
  });

  it("refuses a second reply, and a cancellation of none", () => {
    expect(outcomeOf(asked, asked).effects).toEqual(["start-reply", "refuse-reply"]);
    expect(outcomeOf(cancelled).effects).toEqual(["refuse-cancel"]);
    expect(outcomeOf(asked, cancelled)).toMatchObject({ effects: ["start-reply", "cancel-reply"], phase: "idle" });
  });

  it("pays no heed to what comes from an earlier reply", () => {
    const twice = outcomeOf(asked, cancelled, asked, sounds(1), ended(1));
    expect(twice).toMatchObject({ phase: "thinking", state: { generation: 2 } });
  });

  it("does nothing more once it is closed", () => {
    const closed = outcomeOf(...speaking, { type: "close" }, starts, stops, understood, asked);
    expect(closed).toMatchObject({ phase: "closed", effects: ["start-reply", "end"] });
  });
});
