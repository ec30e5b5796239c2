import { describe, expect, it } from "vitest";
import type { TurnDetection } from "../../../../services/voice/events/index.ts";
import { endingOf, silenceOf } from "../../../../services/voice/session/end-of-turn.ts";
import { createStableWords } from "../../../../services/voice/session/stable-words.ts";
import { createTurnDetector } from "../../../../services/voice/session/turn-taking.ts";

const serverVad: TurnDetection = {
  type: "server_vad",
  threshold: 0.5,
  prefix_padding_ms: 300,
  silence_duration_ms: 500,
  idle_timeout_ms: null,
  create_response: true,
  interrupt_response: true,
};

describe("where a turn begins and ends", () => {
  const rules = { threshold: 0.5, silenceMs: 160 };
  const boundaries = (...probabilities: readonly number[]) => {
    const detector = createTurnDetector();
    return probabilities.map((probability) => detector.hear({ probability, ...rules }) ?? "-").join(" ");
  };

  it("begins when speech has lasted for 128 ms", () => {
    expect(boundaries(0.9, 0.9, 0.9, 0.9)).toBe("- - - start");
  });

  it("does not begin with a click, however loud", () => {
    expect(boundaries(0.99, 0.1, 0.99, 0.99, 0.1, 0.99, 0.99, 0.99)).toBe("- - - - - - - -");
  });

  it("takes a dip just under the threshold for part of the onset", () => {
    expect(boundaries(0.9, 0.4, 0.9, 0.9, 0.9)).toBe("- - - - start");
  });

  it("ends when silence has lasted as long as it must", () => {
    expect(boundaries(...Array(4).fill(0.9), ...Array(5).fill(0.1))).toBe("- - - start - - - - stop");
  });

  it("counts silence anew after every frame that may be speech", () => {
    expect(boundaries(...Array(4).fill(0.9), 0.1, 0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1, 0.1)).not.toContain("stop");
  });
});

describe("how long silence must last", () => {
  it("hears that somebody is not finished", () => {
    for (const words of ["numaram beş yüz otuz iki", "faturayı ödedim ama", "ben şey", "hani", "sipariş 1234"])
      expect(endingOf(words), words).toBe("open");
  });

  it("hears that somebody is finished", () => {
    for (const words of ["açık mısınız", "faturam geldi mi", "teşekkür ederim", "para çekmek istiyorum", "Tamam."])
      expect(endingOf(words), words).toBe("clear");
  });

  it("waits longer after an open ending and less long after a clear one", () => {
    expect(silenceOf(serverVad, "kargom nerede")).toBe(500);
    expect(silenceOf(serverVad, "kargom nerede çünkü")).toBe(800);
    expect(silenceOf(serverVad, "kargom geldi mi")).toBe(350);
  });

  it("stays between 250 and 800 ms, unless the client itself asks for less or more", () => {
    expect(silenceOf({ ...serverVad, silence_duration_ms: 300 }, "geldi mi")).toBe(250);
    expect(silenceOf({ ...serverVad, silence_duration_ms: 700 }, "ama")).toBe(800);
    expect(silenceOf({ ...serverVad, silence_duration_ms: 200 }, "geldi mi")).toBe(200);
    expect(silenceOf({ ...serverVad, silence_duration_ms: 2000 }, "ama")).toBe(2000);
  });

  it("is as eager as semantic_vad is told to be", () => {
    const semantic = (eagerness: "low" | "medium" | "high" | "auto", words: string) =>
      silenceOf({ type: "semantic_vad", eagerness, create_response: true, interrupt_response: true }, words);
    expect(semantic("auto", "ama")).toBe(semantic("medium", "ama"));
    expect(semantic("low", "ama")).toBeGreaterThan(semantic("medium", "ama"));
    expect(semantic("high", "geldi mi")).toBeLessThan(semantic("low", "geldi mi"));
  });
});

describe("partial transcripts", () => {
  it("hand on a word once two of them agree on it, and never take one back", () => {
    const stable = createStableWords();
    expect(["kar", "kargom ne", "kargom nerede", "kargom nerede kaldı"].map((text) => stable.next(text))).toEqual([
      "",
      "",
      "kargom",
      " nerede",
    ]);
    expect(stable.rest("kargom nerede kaldı acaba")).toBe(" kaldı acaba");
  });

  it("add nothing that contradicts what was handed on", () => {
    const stable = createStableWords();
    stable.next("kargom nerede");
    stable.next("kargom nerede");
    expect(stable.next("targom nerede kaldı")).toBe("");
    expect(stable.rest("targom nerede kaldı")).toBe("");
  });
});
