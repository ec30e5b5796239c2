import { afterEach, describe, expect, it } from "vitest";
import { Disposal, type Logger } from "../../../services/foundation/index.ts";
import { openSynthesizer } from "../../../services/main/open/open-synthesizer.ts";
import { loadSettings } from "../../../services/settings/index.ts";
import { SynthesizerUnavailableError } from "../../../services/speech/index.ts";
import { spoken } from "../../conformance/synthesizer.conformance.ts";
import { startSpeechServer } from "../../support/speech-server.ts";

describe("openSynthesizer", () => {
  let disposal = new Disposal();
  const events: string[] = [];
  const write = (_facts: object, event: string) => void events.push(event);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const open = (environment: Readonly<Record<string, string>>) =>
    openSynthesizer(loadSettings("tests/support/no-such-folder", environment), log, disposal);
  afterEach(async () => {
    await disposal.close();
    disposal = new Disposal();
    events.length = 0;
  });

  it("keeps the promise with espeak-ng where nothing is said, and starts nothing", async () => {
    const synthesizer = open({});
    expect([synthesizer.name, synthesizer.sampleRate, synthesizer.voices[0]]).toEqual(["embedded", 22_050, "deniz"]);
    await disposal.close();
    expect(events).toEqual([]);
  });

  it("asks the server of the settings, with their voice and speed where an utterance names none", async () => {
    await using server = await startSpeechServer();
    const synthesizer = open({
      SEKTOR_SYNTHESIZER: "http",
      SEKTOR_SYNTHESIZER_URL: server.url,
      SEKTOR_SYNTHESIZER_TOKEN: "secret",
      SEKTOR_SYNTHESIZER_REMOTE_MODEL: "piper",
      SEKTOR_SYNTHESIZER_VOICE: "fettah",
    });
    await spoken(synthesizer, { text: "merhaba" });
    await spoken(synthesizer, { text: "merhaba", voice: "alloy", speed: 2 });
    expect(server.requests.map(({ authorization, body }) => [authorization, body["model"], body["voice"]])).toEqual([
      ["Bearer secret", "piper", "fettah"],
      ["Bearer secret", "piper", "alloy"],
    ]);
    expect(server.requests.map(({ body }) => body["speed"])).toEqual([undefined, 2]);
  });

  it("refuses with the cure where the settings lack an address or a folder, and with less where it is off", async () => {
    const messageOf = async (environment: Readonly<Record<string, string>>): Promise<string> => {
      const failure = await open(environment)
        .ready()
        .catch((caught) => caught);
      expect(failure).toBeInstanceOf(SynthesizerUnavailableError);
      return failure.message;
    };
    expect(await messageOf({ SEKTOR_SYNTHESIZER: "http" })).toContain("speech.synthesizer.url");
    expect(await messageOf({ SEKTOR_SYNTHESIZER: "sherpa" })).toContain("speech.synthesizer.model");
    expect(events).toEqual(["synthesizer-unavailable", "synthesizer-unavailable"]);
    expect(await messageOf({ SEKTOR_SYNTHESIZER: "off" })).not.toContain("speech.synthesizer");
    const off = open({ SEKTOR_SYNTHESIZER: "off" });
    await expect(spoken(off, { text: "merhaba" })).rejects.toThrow(SynthesizerUnavailableError);
  });
});
