import { describe, expect, it } from "vitest";
import { SsmlInvalidError } from "../../../../services/speech/text/errors.ts";
import type { SpeechSegment } from "../../../../services/speech/text/segment.ts";
import { isSsml, speechSegments } from "../../../../services/speech/text/speech-segments.ts";

const plain = { speed: 1, pitch: 1, volume: 1 };

/** What is said and how long the pauses are, without prosody. */
function said(text: string): readonly (string | number)[] {
  return speechSegments(text, { firstClauseWords: 0 }).map((segment) =>
    "pauseMs" in segment ? segment.pauseMs : segment.text,
  );
}

function firstOf(text: string): SpeechSegment | undefined {
  return speechSegments(text, { firstClauseWords: 0 })[0];
}

function refusalOf(ssml: string): SsmlInvalidError {
  try {
    speechSegments(ssml);
  } catch (error) {
    if (error instanceof SsmlInvalidError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("the segments of a plain text", () => {
  it("are its sentences in words", () => {
    expect(speechSegments("Tutar 100 TL. Saat 15:30'da gelin.")).toEqual([
      { text: "Tutar yüz lira.", ...plain },
      { text: "Saat on beş otuzda gelin.", ...plain },
    ]);
  });

  it("carry the prosody they are asked for", () => {
    expect(speechSegments("Merhaba.", { speed: 1.5, volume: 0.5 })).toEqual([
      { text: "Merhaba.", speed: 1.5, pitch: 1, volume: 0.5 },
    ]);
  });

  it("begin with the first clause, for an early first sound", () => {
    expect(said("Siparişiniz bugün yola çıktı, yarın gelir.")).toHaveLength(1);
    expect(speechSegments("Siparişiniz bugün yola çıktı, yarın gelir.")).toHaveLength(2);
  });

  it("are none where there is nothing to say", () => {
    expect(speechSegments("🙂 ---")).toEqual([]);
    expect(speechSegments("")).toEqual([]);
  });

  it("stay within their length though numbers grow when they are read", () => {
    const segments = speechSegments("7".repeat(100_000), { maxCharacters: 300 });
    expect(segments.length).toBeGreaterThan(1000);
    expect(segments.every((segment) => "text" in segment && segment.text.length <= 300)).toBe(true);
  });

  it("read a text that only talks about markup as text", () => {
    expect(isSsml("<speakers> 5 TL")).toBe(false);
    expect(isSsml("Bir <speak> etiketi")).toBe(false);
    expect(isSsml('  <?xml version="1.0"?>\n<speak>')).toBe(true);
    expect(said("<speakers> 5 TL")).toEqual(["beş lira"]);
  });
});

describe("the segments of SSML", () => {
  it("are read like any text, entities and CDATA included", () => {
    expect(said("<speak>Tutar 100 TL &amp; KDV</speak>")).toEqual(["Tutar yüz lira ve ka de ve"]);
    expect(said("<speak><![CDATA[5 < 10]]></speak>")).toEqual(["beş küçüktür on"]);
    expect(
      said('<?xml version="1.0" encoding="UTF-8"?>\n<speak version="1.1" xml:lang="tr-TR">Merhaba</speak>'),
    ).toEqual(["Merhaba"]);
  });

  it.each([
    ['<break time="700ms"/>', 700],
    ['<break time="1.5s"/>', 1500],
    ['<break strength="weak"/>', 250],
    ["<break/>", 500],
    ['<break time="99s"/>', 10_000],
    ['<break time="200ms"/><break time="300ms"/>', 500],
  ])("pause: %s", (element, pauseMs) => {
    expect(said(`<speak>Bir ${element} iki</speak>`)).toEqual(["Bir", pauseMs, "iki"]);
  });

  it("do not pause for a break of no strength", () => {
    expect(said('<speak>Bir <break strength="none"/>iki</speak>')).toEqual(["Bir iki"]);
  });

  it("breathe behind sentences and paragraphs, once where both end", () => {
    expect(said("<speak><p><s>Bir</s><s>İki</s></p><p>Üç</p></speak>")).toEqual(["Bir", 300, "İki", 600, "Üç", 600]);
  });

  it.each([
    ['rate="slow"', { speed: 0.75 }],
    ['rate="120%"', { speed: 1.2 }],
    ['rate="+20%"', { speed: 1.2 }],
    ['rate="-50%"', { speed: 0.5 }],
    ['rate="1.5"', { speed: 1.5 }],
    ['rate="9999%"', { speed: 4 }],
    ['pitch="high"', { pitch: 1.15 }],
    ['pitch="+12st"', { pitch: 2 }],
    ['pitch="-10%"', { pitch: 0.9 }],
    ['pitch="200Hz"', { pitch: 1 }],
    ['volume="silent"', { volume: 0 }],
    ['volume="50"', { volume: 0.5 }],
    ['volume="+20dB"', { volume: 2 }],
    ['rate="fast" volume="loud"', { speed: 1.25, volume: 1.5 }],
    ['contour="(0%,+20Hz)"', {}],
  ])("speak as prosody %s says", (attributes, prosody) => {
    expect(firstOf(`<speak><prosody ${attributes}>Merhaba</prosody></speak>`)).toEqual({
      text: "Merhaba",
      ...plain,
      ...prosody,
    });
  });

  it("multiply prosody inside prosody, and go back behind it", () => {
    const ssml = '<speak>a<prosody rate="50%">b<prosody rate="150%">c</prosody></prosody>d</speak>';
    expect(speechSegments(ssml).map((segment) => ("speed" in segment ? segment.speed : 0))).toEqual([1, 0.5, 0.75, 1]);
  });

  it("speak what is emphasised slower and louder, or softer", () => {
    const strong = firstOf('<speak><emphasis level="strong">Dikkat</emphasis></speak>');
    expect(strong).toMatchObject({ speed: 0.9, volume: expect.closeTo(1.26, 2) });
    expect(firstOf('<speak><emphasis level="reduced">az</emphasis></speak>')).toMatchObject({
      speed: 1,
      volume: expect.closeTo(0.79, 2),
    });
    expect(firstOf('<speak><emphasis level="none">düz</emphasis></speak>')).toEqual({ text: "düz", ...plain });
  });

  it.each([
    ["characters", "A1-b", "a bir tire be"],
    ["spell-out", "şu", "şe u"],
    ["digits", "1250", "bir iki beş sıfır"],
    ["cardinal", "1250", "bin iki yüz elli"],
    ["cardinal", "05", "beş"],
    ["ordinal", "3", "üçüncü"],
    ["telephone", "05321234567", "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"],
    ["telephone", "112", "yüz on iki"],
    ["time", "15.30", "on beş otuz"],
    ["currency", "12,50", "on iki lira elli kuruş"],
    ["currency", "$5", "beş dolar"],
    ["date", "5.3.2024", "beş Mart iki bin yirmi dört"],
    ["date", "2024-03-05", "beş Mart iki bin yirmi dört"],
    ["unheard-of", "5 TL", "beş lira"],
    ["ordinal", "üç", "üç"],
    ["date", "99.99.2024", "doksan dokuz nokta doksan dokuz nokta iki bin yirmi dört"],
  ])("say as %s: %s", (interpretAs, written, spoken) => {
    expect(said(`<speak><say-as interpret-as="${interpretAs}">${written}</say-as></speak>`)).toEqual([spoken]);
  });

  it("follow the order a date's format names", () => {
    expect(said('<speak><say-as interpret-as="date" format="mdy">03/05/2024</say-as></speak>')).toEqual([
      "beş Mart iki bin yirmi dört",
    ]);
    expect(said('<speak><say-as interpret-as="date" format="my">03/2024</say-as></speak>')).toEqual([
      "Mart iki bin yirmi dört",
    ]);
  });

  it("keep what is interpreted in its sentence, with the suffix behind it", () => {
    expect(
      said(
        `<speak>Kodunuz <say-as interpret-as="digits">42</say-as>, oda <say-as interpret-as="cardinal">4</say-as>'te.</speak>`,
      ),
    ).toEqual(["Kodunuz dört iki, oda dörtte."]);
  });

  it("say the alias in place of what is written", () => {
    expect(said('<speak><sub alias="Türkiye Büyük Millet Meclisi">TBMM</sub> toplandı.</speak>')).toEqual([
      "Türkiye Büyük Millet Meclisi toplandı.",
    ]);
  });

  it("read the text of elements they do not know", () => {
    expect(
      said('<speak><voice name="x"><mstts:express-as>Merhaba <w>dünya</w></mstts:express-as></voice></speak>'),
    ).toEqual(["Merhaba dünya"]);
  });

  it("are none for an empty document", () => {
    expect(speechSegments("<speak/>")).toEqual([]);
    expect(speechSegments("<speak>  </speak>")).toEqual([]);
  });
});

describe("SSML that cannot be read", () => {
  it.each([
    ["an element left open", "<speak><p>Merhaba</speak>"],
    ["text behind the root", "<speak>a</speak>b<"],
    ["no end", "<speak>Merhaba"],
    ["another root after all", '<?xml version="1.0"?><speak/><speak/>'],
    ["a lone ampersand", "<speak>a & b</speak>"],
    ["an entity of its own", "<speak>&bomb;</speak>"],
    ["another root", '<?xml version="1.0"?><html>a</html>'],
    ["an unknown strength", '<speak><break strength="huge"/></speak>'],
    ["a break that is no time", '<speak><break time="soon"/></speak>'],
    ["a rate that is none", '<speak><prosody rate="çabuk">a</prosody></speak>'],
    ["an emphasis that is none", '<speak><emphasis level="çok">a</emphasis></speak>'],
    ["more than a minute of breaks", `<speak>a${'<break time="10s"/>'.repeat(7)}</speak>`],
    ["too deep", `<speak>${"<p>".repeat(40)}a${"</p>".repeat(40)}</speak>`],
    ["too long", `<speak>${"a ".repeat(60_000)}</speak>`],
  ])("is refused: %s", (_what, ssml) => {
    expect(refusalOf(ssml)).toMatchObject({ code: "ssml_invalid", status: 400, param: "input" });
  });

  it("is refused for a document type, before any entity grows", () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE speak [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><speak>&b;</speak>`;
    expect(refusalOf(bomb).code).toBe("ssml_invalid");
    expect(refusalOf("<!DOCTYPE speak []><speak/>").code).toBe("ssml_invalid");
    expect(refusalOf("<speak><!DOCTYPE speak []></speak>").code).toBe("ssml_invalid");
  });

  it("is told where, in both languages, without the caller's text", () => {
    const refusal = refusalOf('<speak>\n  <break time="gizli"/>\n</speak>');
    expect(refusal).toMatchObject({ line: 2 });
    expect(refusal.column).toBeGreaterThan(2);
    expect(refusal.message).toContain("line 2");
    expect(refusal.messageTr).toContain("satır 2");
    expect(refusal.message + refusal.messageTr).not.toContain("gizli");
  });
});
