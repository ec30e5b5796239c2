import type { Sectors } from "../settings/index.ts";

/** What stands in the form: what the address or the last attempt said. */
export type FormValues = URLSearchParams;

/** What a visitor brings along by the link under a reply; the form carries it unseen. */
const remembered = ["message_id", "session_id", "user_id", "pilot_group", "key"] as const;
const ratings = ["1 – çok kötü", "2 – kötü", "3 – idare eder", "4 – iyi", "5 – çok iyi"];
export const categories: readonly (readonly [id: string, label: string])[] = [
  ["wrong_sector", "Yanlış sektöre gitti"],
  ["wrong_answer", "Bilgi yanlıştı"],
  ["incomplete", "Yanıt eksikti"],
  ["unclear", "Dili anlaşılmıyordu"],
  ["slow", "Yavaştı"],
  ["other", "Başka bir sorun"],
];

/** Fills the template of web/feedback/form.html. @param fault Turkish, what kept the last attempt from being taken */
export function renderForm(template: string, values: FormValues, sectors: Sectors, fault?: string): string {
  const chosen = new Set(values.getAll("category"));
  const parts: Readonly<Record<string, string>> = {
    title_prefix: fault === undefined ? "" : "Hata: ",
    about:
      values.get("message_id") === null
        ? "Aldığınız yanıtları nasıl bulduğunuzu yazın."
        : "Az önceki yanıtı nasıl bulduğunuzu yazın.",
    fault: fault === undefined ? "" : `<p class="fault" role="alert">${escaped(fault)}</p>`,
    remembered: remembered
      .filter((name) => values.has(name))
      .map((name) => `<input type="hidden" name="${name}" value="${escaped(values.get(name) ?? "")}" />`)
      .join("\n        "),
    ratings: ratings
      .map((label, at) => {
        const checked = values.get("rating") === String(at + 1) ? " checked" : "";
        return `<label class="choice"><input type="radio" name="rating" value="${at + 1}" required${checked} /> ${label}</label>`;
      })
      .join("\n          "),
    categories: categories
      .map(
        ([id, label]) =>
          `<label class="choice"><input type="checkbox" name="category" value="${id}"${chosen.has(id) ? " checked" : ""} /> ${label}</label>`,
      )
      .join("\n          "),
    sectors: options(sectors, values.get("sector"), "Bilmiyorum"),
    expected_sectors: options(sectors, values.get("expected_sector"), "Seçilmedi"),
    message: escaped(values.get("message") ?? ""),
    comment: escaped(values.get("comment") ?? ""),
    suggestion: escaped(values.get("suggestion") ?? ""),
    opt_out: `<label class="choice"><input type="checkbox" name="training_opt_out" value="true"${
      values.get("training_opt_out") === "true" ? " checked" : ""
    } /> Geri bildirimlerim ve yanıtlar modelin eğitiminde kullanılmasın.</label>`,
  };
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name] ?? "");
}

/** A form's fields as the body of `POST /v1/feedback`; what was left empty is left out. */
export function bodyOf(values: FormValues): Record<string, unknown> {
  const text = (name: string) => (values.get(name) ?? "").trim();
  const texts = [
    "message_id",
    "session_id",
    "user_id",
    "pilot_group",
    "sector",
    "expected_sector",
    "message",
    "comment",
  ];
  const suggestion = text("suggestion");
  return {
    rating: /^[1-5]$/.test(text("rating")) ? Number(text("rating")) : undefined,
    ...Object.fromEntries(texts.filter((name) => text(name) !== "").map((name) => [name, text(name)])),
    issues: values.getAll("category").map((category) => ({ category })),
    suggestions: suggestion === "" ? [] : [suggestion],
    training_opt_out: text("training_opt_out") === "true",
  };
}

function options(sectors: Sectors, chosen: string | null, none: string): string {
  const all = sectors.all.map(
    ({ id, name }) => `<option value="${id}"${id === chosen ? " selected" : ""}>${escaped(name.tr)}</option>`,
  );
  return [`<option value="">${none}</option>`, ...all].join("");
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" };
  return text.replace(/[&<>"']/g, (character) => `&${names[character]};`);
}
