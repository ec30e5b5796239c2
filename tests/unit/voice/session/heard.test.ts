import { describe, expect, it } from "vitest";
import { heardText } from "../../../../services/voice/session/heard-text.ts";
import { createItems } from "../../../../services/voice/session/items.ts";

const segments = [
  { text: "Tabii, hemen bakıyorum.", audioMs: 1000, whole: true },
  { text: " Başka bir isteğiniz var mı?", audioMs: 2000, whole: true },
];

describe("what was heard", () => {
  it("is everything when everything was played", () => {
    expect(heardText(segments, 3000)).toEqual({
      heard: "Tabii, hemen bakıyorum. Başka bir isteğiniz var mı?",
      unheard: "",
    });
  });

  it("is nothing when nothing was played", () => {
    expect(heardText(segments, 0)).toEqual({
      heard: "",
      unheard: "Tabii, hemen bakıyorum. Başka bir isteğiniz var mı?",
    });
  });

  it("ends with the last word that was spoken to its end", () => {
    expect(heardText(segments, 2000)).toEqual({
      heard: "Tabii, hemen bakıyorum. Başka bir",
      unheard: " isteğiniz var mı?",
    });
  });

  it("goes by the length of the text where its audio is not all made yet", () => {
    const made = [{ text: "Bir iki üç dört beş altı yedi", audioMs: 200, whole: false }];
    expect(heardText(made, 200).heard).toBe("Bir");
  });
});

describe("the items of a conversation", () => {
  const said = (id: string) =>
    ({ id, type: "message", role: "user", content: [{ type: "input_text", text: id }] }) as const;
  const ids = (items: ReturnType<typeof createItems>) => items.all.map(({ id }) => id);

  it("stand where they are put: at the end, at the head, after another", () => {
    const items = createItems(() => "new");
    items.add(said("a"));
    expect(items.add(said("b")).previousId).toBe("a");
    expect(items.add(said("c"), "root").previousId).toBeNull();
    expect(items.add(said("d"), "a").previousId).toBe("a");
    expect(ids(items)).toEqual(["c", "a", "d", "b"]);
  });

  it("refuse a second item of one name, and a place after none", () => {
    const items = createItems(() => "new");
    items.add(said("a"));
    expect(() => items.add(said("a"))).toThrow(expect.objectContaining({ code: "item_exists" }));
    expect(() => items.add(said("b"), "x")).toThrow(expect.objectContaining({ code: "item_not_found" }));
    expect(() => items.delete("x")).toThrow(expect.objectContaining({ code: "item_not_found" }));
  });

  it("keep of a truncated reply what was heard, and know how long its audio was", () => {
    const items = createItems(() => "new");
    items.add({ id: "r", type: "message", role: "assistant", content: [{ type: "output_audio", transcript: "…" }] });
    items.spoke("r", segments);
    expect(items.truncate("r", 2000)).toBe("Tabii, hemen bakıyorum. Başka bir");
    expect(items.get("r")).toMatchObject({ status: "incomplete" });
    expect(() => items.truncate("r", 3001)).toThrow(expect.objectContaining({ code: "item_not_truncatable" }));
    items.add(said("a"));
    expect(() => items.truncate("a", 0)).toThrow(expect.objectContaining({ code: "item_not_truncatable" }));
  });

  it("forget the oldest beyond a thousand", () => {
    const items = createItems(() => "new");
    for (let at = 0; at < 1003; at++) items.add(said(`i${at}`));
    expect(items.all).toHaveLength(1000);
    expect(ids(items)[0]).toBe("i3");
  });

  it("forget the oldest beyond a million characters of text, but never the newest, wherever it stands", () => {
    const items = createItems(() => "new");
    const long = (id: string, length: number) =>
      ({ id, type: "function_call_output", call_id: "c", output: "x".repeat(length) }) as const;
    for (const id of ["a", "b", "c"]) items.add(long(id, 400_000));
    expect(ids(items)).toEqual(["b", "c"]);
    items.add(said("d"));
    items.delete("b");
    items.add(long("e", 500_000));
    expect(ids(items)).toEqual(["c", "d", "e"]);
    items.replace({ ...items.get("d"), ...long("d", 200_000) });
    expect(ids(items)).toEqual(["d", "e"]);
    items.add(long("f", 2_000_000), "root");
    expect(ids(items)).toEqual(["f"]);
  });
});
