/** One directive of nginx' language, with what stands in its braces. */
interface Directive {
  readonly words: readonly string[];
  readonly body: readonly Directive[];
}

/**
 * How long nginx waits for a gateway at each place that leads to one: the nearest `proxy_read_timeout` around it, as nginx inherits them.
 * @param text a whole configuration, its includes put in
 */
export function proxyTimeouts(text: string): readonly { readonly location: string; readonly readMs: number }[] {
  const found: { location: string; readMs: number }[] = [];
  const visit = (body: readonly Directive[], location: string, inherited: number): void => {
    const own = body.find(({ words }) => words[0] === "proxy_read_timeout")?.words[1];
    const readMs = own === undefined ? inherited : millisOf(own);
    if (body.some(({ words }) => words[0] === "proxy_pass")) found.push({ location, readMs });
    for (const { words, body: inner } of body) {
      if (inner.length > 0) visit(inner, words.join(" "), readMs);
    }
  };
  // What nginx does where nobody says anything.
  visit(parse(text), "", 60_000);
  return found;
}

function parse(text: string): readonly Directive[] {
  const tokens = text.match(/#[^\n]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[{};]|[^\s{};'"#][^\s;{]*/g) ?? [];
  const rest = tokens.filter((token) => !token.startsWith("#"))[Symbol.iterator]();
  const readBody = (): Directive[] => {
    const body: Directive[] = [];
    let words: string[] = [];
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      const token = next.value;
      if (token === "}") return body;
      if (token === ";" || token === "{") {
        body.push({ words, body: token === "{" ? readBody() : [] });
        words = [];
      } else words.push(token);
    }
    return body;
  };
  return readBody();
}

function millisOf(time: string): number {
  const [, count, unit = "s"] = /^(\d+)(ms|s|m|h)?$/.exec(time) ?? [];
  const factors: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const factor = factors[unit];
  if (count === undefined || factor === undefined) throw new Error(`"${time}" is no time.`);
  return Number(count) * factor;
}
