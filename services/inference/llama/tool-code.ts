import type { ToolCall } from "../engine.ts";

type Literal = string | number | boolean | null | readonly Literal[] | { readonly [key: string]: Literal };

/**
 * Reads `print(f(a=1, b="x"))` or `f(a=1)` into name and typed arguments. It is read, never evaluated: only literals are understood
 * (strings, numbers, True/False/None, lists, dictionaries), anything else is no call.
 */
export function parseToolCode(code: string): readonly Omit<ToolCall, "id">[] {
  try {
    return [new CodeReader(code).call()];
  } catch (fault) {
    if (fault instanceof NotACall) return [];
    throw fault;
  }
}

class NotACall extends Error {}

/** Lists and dictionaries inside one another, at most. */
const maxDepth = 32;

class CodeReader {
  readonly #code: string;
  #at = 0;
  #depth = 0;

  constructor(code: string) {
    this.#code = code;
  }

  call(): Omit<ToolCall, "id"> {
    const outer = this.#name();
    if (outer !== "print") return this.#finish(this.#argumentsOf(outer));
    this.#expect("(");
    const inner = this.#argumentsOf(this.#name());
    this.#expect(")");
    return this.#finish(inner);
  }

  #finish(call: Omit<ToolCall, "id">): Omit<ToolCall, "id"> {
    this.#space();
    if (this.#at < this.#code.length) throw new NotACall();
    return call;
  }

  #argumentsOf(name: string): Omit<ToolCall, "id"> {
    const values = new Map<string, Literal>();
    this.#expect("(");
    while (!this.#accept(")")) {
      const key = this.#name();
      this.#expect("=");
      values.set(key, this.#literal());
      if (!this.#accept(",") && !this.#next(")")) throw new NotACall();
    }
    return { name, arguments: JSON.stringify(Object.fromEntries(values)) };
  }

  #literal(): Literal {
    if (++this.#depth > maxDepth) throw new NotACall();
    const value = this.#value();
    this.#depth--;
    return value;
  }

  #value(): Literal {
    this.#space();
    const rest = this.#code.slice(this.#at);
    const number = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?/.exec(rest);
    if (number !== null) {
      this.#at += number[0].length;
      return Number(number[0]);
    }
    const word = /^[A-Za-z]+/.exec(rest)?.[0];
    if (word !== undefined) {
      this.#at += word.length;
      if (/^(True|true)$/.test(word)) return true;
      if (/^(False|false)$/.test(word)) return false;
      if (/^(None|null)$/.test(word)) return null;
      throw new NotACall();
    }
    if (rest.startsWith('"') || rest.startsWith("'")) return this.#string();
    if (this.#accept("[")) return this.#list();
    if (this.#accept("{")) return this.#dictionary();
    throw new NotACall();
  }

  #list(): readonly Literal[] {
    const items: Literal[] = [];
    while (!this.#accept("]")) {
      items.push(this.#literal());
      if (!this.#accept(",") && !this.#next("]")) throw new NotACall();
    }
    return items;
  }

  #dictionary(): { readonly [key: string]: Literal } {
    const items = new Map<string, Literal>();
    while (!this.#accept("}")) {
      this.#space();
      const key = this.#string();
      this.#expect(":");
      items.set(key, this.#literal());
      if (!this.#accept(",") && !this.#next("}")) throw new NotACall();
    }
    return Object.fromEntries(items);
  }

  #string(): string {
    const quote = this.#code[this.#at];
    if (quote !== '"' && quote !== "'") throw new NotACall();
    let text = "";
    for (this.#at++; this.#at < this.#code.length; this.#at++) {
      const letter = this.#code[this.#at];
      if (letter === quote) {
        this.#at++;
        return text;
      }
      if (letter !== "\\") text += letter;
      else {
        const escaped = this.#code[++this.#at] ?? "";
        text += { n: "\n", t: "\t" }[escaped] ?? escaped;
      }
    }
    throw new NotACall();
  }

  #name(): string {
    this.#space();
    const name = /^[\p{L}_][\p{L}\p{N}_]*/u.exec(this.#code.slice(this.#at))?.[0];
    if (name === undefined) throw new NotACall();
    this.#at += name.length;
    return name;
  }

  #space(): void {
    while (/\s/.test(this.#code[this.#at] ?? "x")) this.#at++;
  }

  #next(symbol: string): boolean {
    this.#space();
    return this.#code[this.#at] === symbol;
  }

  #accept(symbol: string): boolean {
    if (!this.#next(symbol)) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol)) throw new NotACall();
  }
}
