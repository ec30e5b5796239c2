/** The administrators' page: what is in the queue, dead letters with their second chance, and the platform's own jobs. */
import { recall, remember } from "../static/tab-memory.js";
import { element, jobRow, nameOf, names, outputs } from "./job-row.js";
import { createJobsApi, JobsFailure } from "./jobs-api.js";

const $ = (id) => document.getElementById(id);
const pageSize = 20;
const api = createJobsApi(() => recall("key"));
let offset = 0;

function say(text) {
  $("news").textContent = text;
}

/** Does something and says what came of it; asks for a key where one is wanted. */
async function attempt(work, done = "") {
  try {
    await work();
    $("key-form").hidden = true;
    if (done !== "") say(done);
  } catch (fault) {
    if (!(fault instanceof JobsFailure)) throw fault;
    say(fault.message);
    if (fault.status !== 401 && fault.status !== 403) return;
    $("key-form").hidden = false;
    $("api-key").focus();
  }
}

async function show() {
  const name = $("name").value;
  const page = { state: $("state").value, limit: String(pageSize), ...(name && { name, offset: String(offset) }) };
  const { data, total, counts, startable } = await api.list(page);
  showCounts(counts);
  showStartable(startable);
  $("list").tBodies[0].replaceChildren(...data.map((job) => jobRow(job, act)));
  $("list").hidden = data.length === 0;
  $("empty").hidden = data.length > 0;
  $("newer").hidden = name === "" || offset === 0;
  $("older").hidden = name === "" || offset + pageSize >= total;
}

function showCounts(counts) {
  const rows = Object.entries(counts).map(([name, numbers]) => {
    const row = element("tr");
    const head = element("th", nameOf(name));
    head.scope = "row";
    const { waiting, delayed, running, completed, failed } = numbers;
    row.append(head, ...[waiting, delayed, running, completed, failed].map((count) => element("td", String(count))));
    return row;
  });
  $("counts").tBodies[0].replaceChildren(...rows);
}

function showStartable(startable) {
  if ($("start").childElementCount > 0) return;
  for (const name of startable) {
    const button = element("button", `${nameOf(name)} başlat`);
    button.type = "button";
    button.addEventListener("click", () =>
      attempt(
        async () => {
          await api.start(name);
          await show();
        },
        `${nameOf(name)} sıraya alındı.`,
      ),
    );
    $("start").append(button);
  }
}

function act(action, job) {
  const does = {
    retry: [() => api.retry(job.id), "İş yeniden sıraya alındı."],
    cancel: [() => api.cancel(job.id), "İşin iptali istendi."],
    output: [() => save(job), ""],
  };
  const [work, done] = does[action];
  return attempt(async () => {
    await work();
    await show();
  }, done);
}

async function save({ id, name }) {
  const { format, file } = outputs[name];
  const link = element("a");
  link.href = URL.createObjectURL(await api.output(id, format));
  link.download = file;
  link.click();
  URL.revokeObjectURL(link.href);
}

for (const [name, text] of Object.entries(names)) $("name").append(new Option(text, name));
$("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  offset = 0;
  void attempt(show, "Liste yenilendi.");
});
for (const id of ["state", "name"])
  $(id).addEventListener("change", () => {
    offset = 0;
    void attempt(show);
  });
$("newer").addEventListener("click", () => {
  offset = Math.max(0, offset - pageSize);
  void attempt(show);
});
$("older").addEventListener("click", () => {
  offset += pageSize;
  void attempt(show);
});
$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  remember("key", $("api-key").value.trim());
  $("api-key").value = "";
  void attempt(show, "Anahtar kabul edildi.");
});

await attempt(show);
