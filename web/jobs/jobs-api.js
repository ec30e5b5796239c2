/** What people should read instead of the API's English. */
const sentences = {
  invalid_api_key: "Geçerli bir anahtar gerekiyor.",
  scope_missing: "Bu anahtarın yönetici yetkisi yok.",
  jobs_unavailable: "İş kuyruğuna şu anda ulaşılamıyor.",
  jobs_not_configured: "Bu sunucuda iş kuyruğu yok; Redis gerekir.",
  job_not_found: "İş artık yok.",
  job_not_retryable: "Yalnız sonuçsuz biten iş yeniden denenebilir.",
  job_scheduled: "Zamanlanmış bir işin sıradaki çalışması iptal edilemez.",
  storage_unavailable: "Veritabanı şu anda kapalı ya da açılıyor.",
  rate_limit_exceeded: "Çok fazla istek gönderildi; biraz bekleyin.",
};

/** A request that was refused, or not answered at all (status 0). */
export class JobsFailure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * `/v1/jobs` as this page needs it. Addresses are relative to the page, so it also works below a path.
 * @param {() => string} key the administrator's, or ""
 */
export function createJobsApi(key) {
  async function ask(address, options = {}) {
    const headers = { "accept-language": "tr", ...options.headers };
    if (key() !== "") headers.authorization = `Bearer ${key()}`;
    let reply;
    try {
      reply = await fetch(address, { ...options, headers });
    } catch {
      throw new JobsFailure(0, "Sunucuya ulaşılamıyor.");
    }
    if (!reply.ok) {
      const body = await reply.json().catch(() => ({}));
      const { code, message = `HTTP ${reply.status}` } = body.error ?? {};
      throw new JobsFailure(reply.status, sentences[code] ?? message);
    }
    return reply;
  }
  const of = (id, what) => `v1/jobs/${encodeURIComponent(id)}/${what}`;

  return {
    list: async (query) => await (await ask(`v1/jobs?${new URLSearchParams(query)}`)).json(),
    start: async (name) =>
      await ask("v1/jobs", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name }),
      }),
    retry: async (id) => await ask(of(id, "retry"), { method: "POST" }),
    cancel: async (id) => await ask(of(id, "cancel"), { method: "POST" }),
    /** What the job made, as a file. */
    output: async (id, format) => await (await ask(`${of(id, "output")}?format=${format}`)).blob(),
  };
}
