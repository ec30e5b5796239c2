import { describe, expect, it } from "vitest";
import { normalizeForSpeech } from "../../../../services/speech/text/normalize.ts";
import { normalizationCases } from "./normalization-cases.ts";

describe("reading written Turkish aloud", () => {
  for (const [group, cases] of Object.entries(normalizationCases)) {
    it.each(cases)(`${group}: %s`, (written, spoken) => {
      expect(normalizeForSpeech(written)).toBe(spoken);
    });
  }

  it("is judged by at least 300 cases", () => {
    const written = Object.values(normalizationCases).flatMap((cases) => cases.map(([text]) => text));
    expect(new Set(written).size).toBeGreaterThanOrEqual(300);
    expect(new Set(written).size).toBe(written.length);
  });

  it("leaves no digit unread in any of them", () => {
    const spoken = Object.values(normalizationCases).flatMap((cases) =>
      cases.map(([text]) => normalizeForSpeech(text)),
    );
    expect(spoken.filter((text) => /\d/u.test(text))).toEqual([]);
  });

  it("leaves what it has read as it is when it reads it again", () => {
    const spoken = Object.values(normalizationCases).flatMap((cases) => cases.map(([, text]) => text));
    expect(spoken.map((text) => normalizeForSpeech(text))).toEqual(spoken);
  });

  it("reads composed and decomposed letters alike", () => {
    expect(normalizeForSpeech("3'üncü şube".normalize("NFD"))).toBe(normalizeForSpeech("3'üncü şube"));
  });
});
