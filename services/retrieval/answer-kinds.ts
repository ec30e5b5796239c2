import { foldTurkish, stripTurkishDiacritics } from "../foundation/index.ts";

const units = "(?:saat|gun|hafta|ay|yil|sene|dakika)";
const numbers =
  "(?:bir|iki|uc|dort|bes|alti|yedi|sekiz|dokuz|on|yirmi|otuz|kirk|elli|altmis|yetmis|seksen|doksan|[\\d.,]+)";

/** What questions ask for, and how sentences that tell it look; both in plain letters. */
const kinds = {
  time: {
    asked: new RegExp(
      `\\bkac\\b.*\\b${units}|\\bne zaman|\\bsure|\\bne kadar (?:zaman|sur|sonra|bekle)|\\bson gun|\\bvak[it]|\\bgec(?:iyor|ik|ti|t?mi)`,
    ),
    told: new RegExp(`\\b${numbers} (?:is |tam |takvim )?${units}|suresi|itibaren`),
  },
  money: {
    asked: /\b(?:para|ucret|ceza|bedel|masraf|ode|faiz|tazminat|kesinti)/,
    told: /bedel|ucret|ceza|masraf|\bode[nm]|faiz|tazminat|\biade|\bharc|\bpara/,
  },
  who: {
    asked: /\bkim|\bner[ed]|\bhangi (?:kurum|daire|mahkeme|mudur|bakanlik|yer|makam|birim)|\bbasvur/,
    told: /mudurlug|mahkeme|bakanlig|kurum|daire|belediye|valili|kaymakam|heyet|noter|kurul|birlig|e-devlet|baskanlig|makam|tarafindan|kisi|sahib/,
  },
} as const;

export type AnswerKind = keyof typeof kinds;

/** For each kind, whether the question asks for it. */
export function kindsAsked(question: string): readonly AnswerKind[] {
  const text = plain(question);
  return kindNames.filter((kind) => kinds[kind].asked.test(text));
}

/** Whether a sentence tells something of that kind. */
export function tells(sentence: string, kind: AnswerKind): boolean {
  return kinds[kind].told.test(plain(sentence));
}

const kindNames = Object.keys(kinds) as readonly AnswerKind[];

function plain(text: string): string {
  return stripTurkishDiacritics(foldTurkish(text));
}
