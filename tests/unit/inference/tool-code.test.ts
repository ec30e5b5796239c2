import { describe, expect, it } from "vitest";
import { parseToolCode } from "../../../services/inference/llama/tool-code.ts";

const argumentsOf = (code: string): unknown => {
  const [call] = parseToolCode(code);
  return call === undefined ? undefined : JSON.parse(call.arguments);
};

describe("tool code", () => {
  it("is read with and without print", () => {
    const expected = [{ name: "fatura_getir", arguments: '{"musteri_no":12}' }];
    expect(parseToolCode("print(fatura_getir(musteri_no=12))")).toEqual(expected);
    expect(parseToolCode(" fatura_getir( musteri_no = 12 ) ")).toEqual(expected);
    expect(parseToolCode("print(\n  fatura_getir(\n musteri_no=12,\n)\n)")).toEqual(expected);
  });

  it("may have no arguments", () => {
    expect(parseToolCode("ping()")).toEqual([{ name: "ping", arguments: "{}" }]);
  });

  it("keeps the types of its literals", () => {
    expect(argumentsOf('f(a=1, b=-2.5, c=1e3, d="x", e=True, g=false, h=None, i=null)')).toEqual({
      a: 1,
      b: -2.5,
      c: 1000,
      d: "x",
      e: true,
      g: false,
      h: null,
      i: null,
    });
  });

  it("understands lists and dictionaries inside one another", () => {
    expect(argumentsOf("f(a=[1, [2, {'k': ['v', None]}], ], b={})")).toEqual({
      a: [1, [2, { k: ["v", null] }]],
      b: {},
    });
  });

  it("understands both quotes, escapes and what looks like code inside a string", () => {
    expect(argumentsOf(`f(a='it\\'s', b="say \\"x\\"", c="satır\\niki", d="print(rm())", e=")")`)).toEqual({
      a: "it's",
      b: 'say "x"',
      c: "satır\niki",
      d: "print(rm())",
      e: ")",
    });
  });

  it("understands Turkish names", () => {
    expect(parseToolCode('print(müşteri_bilgisi(şehir="İzmir", gün_sayısı=3))')).toEqual([
      { name: "müşteri_bilgisi", arguments: '{"şehir":"İzmir","gün_sayısı":3}' },
    ]);
  });

  it("treats names that mean something to JavaScript as names", () => {
    const [call] = parseToolCode('f(__proto__={"x": 1}, constructor=2)');
    expect(call?.arguments).toBe('{"__proto__":{"x":1},"constructor":2}');
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it.each([
    "",
    "print()",
    'print("merhaba")',
    "f",
    "f(",
    "f(a=1",
    "f(a=)",
    "f(1)",
    "f(a=1 b=2)",
    "f(,)",
    "f(a=b)",
    "f(a=g())",
    "f(a=1+1)",
    "f(a=[1, 2)",
    'f(a="açık)',
    "f(a=1); g(b=2)",
    "f(a=1) # yorum",
    "import os",
    "__import__('os').system('x')",
    "a.b(c=1)",
    "print(f(a=1)",
    "f(a={1: 2})",
    "🤖(a=1)",
  ])("is no call when it is anything else: %s", (code) => {
    expect(parseToolCode(code)).toEqual([]);
  });

  it("evaluates nothing", () => {
    (globalThis as Record<string, unknown>)["touched"] = false;
    for (const code of [
      "f(a=globalThis.touched=true)",
      "f(a=eval('globalThis.touched=true'))",
      "f(a=`$" + "{globalThis.touched=true}`)",
    ]) {
      parseToolCode(code);
    }
    expect((globalThis as Record<string, unknown>)["touched"]).toBe(false);
  });

  it("gives up on bottomless nesting instead of overflowing the stack", () => {
    expect(parseToolCode(`f(a=${"[".repeat(100_000)}`)).toEqual([]);
    expect(parseToolCode(`f(a=${"{'k':".repeat(100_000)}`)).toEqual([]);
    expect(argumentsOf(`f(a=${"[".repeat(20)}${"]".repeat(20)}, b=[[1]])`)).toHaveProperty("b", [[1]]);
  });
});
