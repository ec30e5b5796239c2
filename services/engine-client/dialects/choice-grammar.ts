/** GBNF (llama.cpp's grammar format, also read by XGrammar) for a reply that is one of the texts. */
export function choiceGrammar(choices: readonly string[]): string {
  return `root ::= ${choices.map(literal).join(" | ")}`;
}

/** Quoted; in GBNF only these need another form: `\x` takes two hexadecimal digits. */
function literal(text: string): string {
  const escaped = text.replace(/["\\]|\p{Cc}/gu, (character) =>
    character === '"' || character === "\\"
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}
