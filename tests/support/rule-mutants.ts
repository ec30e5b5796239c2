import type { Rule } from "./prometheus-rules.ts";

export interface Mutant {
  readonly rule: Rule;
  readonly what: string;
}

const token =
  /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\d+(?:ms|[smhdw])\b|\d+(?:\.\d+)?|[A-Za-z_:][\w:]*|[<>=!][=~]?|[-+*/(){},]|\s+/g;

const outside: Readonly<Record<string, string>> = {
  ">": "<=",
  "<": ">=",
  ">=": "<",
  "<=": ">",
  "==": "!=",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  and: "unless",
  unless: "and",
  or: "and",
  min_over_time: "max_over_time",
  max_over_time: "min_over_time",
};
const inBraces: Readonly<Record<string, string>> = { "=": "!=", "!=": "=", "=~": "!~", "!~": "=~" };

/** A rule with one thing changed, in every way somebody's slip might change it. */
export function mutantsOf(rule: Rule): readonly Mutant[] {
  return [...expressionMutants(rule), ...alertMutants(rule)];
}

function expressionMutants(rule: Rule): readonly Mutant[] {
  const tokens: readonly string[] = rule.expr.match(token) ?? [];
  if (tokens.join("") !== rule.expr) throw new Error(`"${rule.expr}" has words that are not known here.`);
  let depth = 0;
  return tokens.flatMap((one, at) => {
    if (one === "{") depth++;
    if (one === "}") depth--;
    return replacements(one, depth > 0, rule.alert !== undefined).map((other) => ({
      rule: { ...rule, expr: tokens.with(at, other).join("") },
      what: `${one.trim()} → ${other} (word ${at})`,
    }));
  });
}

function replacements(one: string, isInBraces: boolean, isLimit: boolean): readonly string[] {
  if (isInBraces) return inBraces[one] === undefined ? [] : [inBraces[one]];
  if (outside[one] !== undefined) return [outside[one]];
  if (!/^\d+(\.\d+)?$/.test(one)) return [];
  const number = Number(one);
  if (number === 0) return isLimit ? ["9e9"] : ["-1"];
  return isLimit ? [String(number * 3), String(number / 3)] : [String(number * 3)];
}

function alertMutants(rule: Rule): readonly Mutant[] {
  if (rule.alert === undefined) return [];
  const severity = rule.labels?.["severity"] === "page" ? "ticket" : "page";
  return [
    { rule: { ...rule, labels: { ...rule.labels, severity } }, what: `severity → ${severity}` },
    { rule: { ...rule, for: "100d" }, what: "for → 100d" },
  ];
}
