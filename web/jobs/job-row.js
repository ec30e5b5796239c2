export const names = {
  "serverless-run": "Sunucusuz iş",
  webhook: "Web kancası",
  batch: "Toplu iş",
  "feedback-report": "Geri bildirim raporu",
  "feedback-export": "Eğitim çiftleri",
  evaluation: "Yönlendirici değerlendirmesi",
};

const states = {
  waiting: "sırada",
  delayed: "ertelendi",
  running: "çalışıyor",
  completed: "bitti",
  failed: "başarısız",
  cancelled: "iptal edildi",
  "timed-out": "süresi doldu",
};

const factNames = {
  endpoint: "uç nokta",
  keyId: "anahtar",
  inputCharacters: "girdi (karakter)",
  webhook: "web kancası",
  jobId: "iş",
  batchId: "toplu iş",
  since: "başlangıç",
  until: "bitiş",
  lastDays: "son gün sayısı",
  sector: "sektör",
  minRating: "en düşük puan",
};

/** File a job's output is saved as: its ending and the format asked for. */
export const outputs = {
  "feedback-report": { format: "markdown", file: "geri-bildirim.md" },
  "feedback-export": { format: "json", file: "egitim-ciftleri.jsonl" },
  evaluation: { format: "json", file: "degerlendirme.json" },
};

export function nameOf(name) {
  return names[name] ?? name;
}

export function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  if (text !== "") made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

/**
 * A row of the list.
 * @param {(action: "retry" | "cancel" | "output", job: object) => void} act
 */
export function jobRow(job, act) {
  const row = element("tr");
  const head = element("th", nameOf(job.name));
  head.scope = "row";
  head.append(element("br"), element("code", job.id));
  row.append(head, stateCell(job), timesCell(job), factsCell(job), actionsCell(job, act));
  return row;
}

function stateCell({ state, attempts, progress }) {
  const cell = element("td", states[state] ?? state);
  if (progress) cell.append(element("br"), `${progress.done} / ${progress.total}`);
  if (attempts > 1) cell.append(element("br"), `${attempts}. deneme`);
  return cell;
}

function timesCell(job) {
  const cell = element("td");
  for (const [label, at] of [
    ["eklendi", job.created_at],
    ["başladı", job.started_at],
    ["bitti", job.ended_at],
  ]) {
    if (at === null) continue;
    const time = element("time", new Date(at).toLocaleString("tr-TR"));
    time.dateTime = at;
    cell.append(`${label} `, time, element("br"));
  }
  return cell;
}

function factsCell({ facts, error }) {
  const cell = element("td");
  if (error) cell.append(element("p", `${error.message_tr ?? error.message} (${error.code})`, "fault"));
  const list = element("dl");
  for (const [name, value] of Object.entries(facts ?? {})) {
    if (value === null) continue;
    list.append(element("dt", factNames[name] ?? name), element("dd", value === true ? "var" : String(value)));
  }
  if (facts === null) cell.append(element("p", "İçeriği okunamıyor."));
  if (list.childElementCount > 0) cell.append(list);
  return cell;
}

function actionsCell(job, act) {
  const cell = element("td");
  const add = (action, text) => {
    const button = element("button", text, "quiet");
    button.type = "button";
    button.setAttribute("aria-label", `${text}: ${nameOf(job.name)} ${job.id}`);
    button.addEventListener("click", () => act(action, job));
    cell.append(button);
  };
  if (["failed", "cancelled", "timed-out"].includes(job.state)) add("retry", "Yeniden dene");
  if (["waiting", "delayed", "running"].includes(job.state)) add("cancel", "İptal et");
  if (job.state === "completed" && outputs[job.name]) add("output", "İndir");
  return cell;
}
