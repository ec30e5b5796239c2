import { expect, it } from "vitest";
import {
  referenceBegins,
  referenceEnds,
  type SettingSchema,
  withReference,
} from "../../../scripts/lib/settings-reference.ts";

const schema: SettingSchema = {
  properties: {
    voice: {
      title: "spoken sessions",
      description: "Over WebSocket.",
      properties: {
        silenceMs: { type: "integer", minimum: 100, maximum: 5000, default: 500, description: "silence that ends it" },
        token: { type: "string", default: "", description: "a | b", secret: true },
        inner: { properties: { kind: { enum: ["on", "off"], default: "on", description: "which" } } },
      },
    },
  },
};
const document = `before\n\n${referenceBegins}\nold\n${referenceEnds}\n\nafter\n`;

it("writes a section with one row a setting: variables, the one that wins first, default, range with the name's unit, meaning", () => {
  const variables = { OLD_SILENCE: "voice.silenceMs", SEKTOR_SILENCE: "voice.silenceMs" };
  expect(withReference(document, schema, variables)).toBe(
    [
      "before",
      "",
      referenceBegins,
      "",
      "## `voice`: spoken sessions",
      "",
      "Over WebSocket.",
      "",
      "| setting | variable | default | unit, range | meaning |",
      "|---|---|---|---|---|",
      "| `voice.silenceMs` | `SEKTOR_SILENCE`, `OLD_SILENCE` | `500` | 100–5000 ms | silence that ends it |",
      "| `voice.token` | | none | | a \\| b; a secret |",
      "| `voice.inner.kind` | | `on` | on, off | which |",
      "",
      referenceEnds,
      "",
      "after",
      "",
    ].join("\n"),
  );
});

it("writes the same again over what it wrote", () => {
  const once = withReference(document, schema, {});
  expect(withReference(once, schema, {})).toBe(once);
});

it("refuses a document without its marks, and one with a mark too many", () => {
  expect(() => withReference("no marks", schema, {})).toThrow(/once each/);
  expect(() => withReference(document + document, schema, {})).toThrow(/once each/);
});
