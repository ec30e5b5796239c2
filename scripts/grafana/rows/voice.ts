import { PercentUnit, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { badAbove, goodAbove, type RowPlan } from "../panels/plan.ts";
import { chosenInstance, mean, quantile, share, sumRate } from "../promql.ts";

const turns = (selector = "") => sumRate("sektor_voice_turns_total", `${selector}${chosenInstance}`);
const stage = (of: number, name: string) =>
  quantile(of, "sektor_voice_turn_seconds", `stage="${name}", ${chosenInstance}`);

/** Spoken turns: how many, how they ended, what the caller waited for. */
export const voiceTurns: RowPlan = {
  title: "Sesli görüşmeler",
  panels: [
    {
      kind: "lines",
      title: "Açık oturumlar",
      english: "Open spoken sessions by instance",
      about: "Şu anda açık WebSocket bağlantıları.",
      unit: Short,
      queries: [
        { expr: `sum by (instance) (turkish_ai_websocket_connections{${chosenInstance}})`, legend: "{{instance}}" },
      ],
      min: 0,
    },
    {
      kind: "lines",
      title: "Söz sıraları, sonucuna göre",
      english: "Spoken turns by how they ended",
      about: "`interrupted`: çağıran sözü kesti; `unanswered`: söylenen bir şey yoktu; `failed`: bozuldu.",
      unit: Short,
      queries: [{ expr: sumRate("sektor_voice_turns_total", chosenInstance, "outcome"), legend: "{{outcome}}" }],
      stacked: true,
      min: 0,
      runbook: "SektorVoiceTurnsFail",
    },
    {
      kind: "stat",
      title: "Başarısız söz sıraları",
      english: "Share of spoken turns that failed",
      about: "%5 üstü kötüdür.",
      unit: PercentUnit,
      queries: [{ expr: share(turns('outcome="failed", '), turns()), legend: "başarısız" }],
      steps: badAbove(0.01, 0.05),
      width: 4,
      runbook: "SektorVoiceTurnsFail",
    },
    {
      kind: "stat",
      title: "Kesilen yanıtlar",
      english: "Share of spoken turns that were interrupted",
      about: "Çağıranın sözünü kestiği yanıtların payı; uzun yanıtların belirtisi olabilir.",
      unit: PercentUnit,
      queries: [{ expr: share(turns('outcome="interrupted", '), turns()), legend: "kesilen" }],
      base: "blue",
      width: 4,
    },
  ],
};

/** Stages of a spoken turn. */
export const voiceWaiting: RowPlan = {
  title: "Bekleyiş",
  panels: [
    {
      kind: "lines",
      title: "İlk sese kadar",
      english: "From the end of speech to the first audio of the reply",
      about: "Konuşan sustuktan sonra yanıtın ilk sesine kadar. Bir saniyenin altı konuşma gibi gelir.",
      unit: Seconds,
      queries: [
        { expr: stage(0.5, "first_audio"), legend: "p50" },
        { expr: stage(0.95, "first_audio"), legend: "p95" },
      ],
      steps: badAbove(0.5, 1),
      min: 0,
      runbook: "SektorVoiceSlow",
    },
    {
      kind: "lines",
      title: "Yazıya dökülene kadar",
      english: "From the end of speech to the transcript, and from its beginning to the first partial one",
      about: "Konuşmanın sonundan son metne, başından ilk ara metne kadar (p95).",
      unit: Seconds,
      queries: [
        { expr: stage(0.95, "transcript"), legend: "son metin" },
        { expr: stage(0.95, "first_partial"), legend: "ilk ara metin" },
      ],
      min: 0,
    },
    {
      kind: "lines",
      title: "Söz kesilince susana kadar",
      english: "From an interruption until the last byte that was sent",
      about: "Çağıran konuşmaya başlayınca platform ne kadar sonra susuyor (p95). 500 ms üstü üst üste konuşmadır.",
      unit: Seconds,
      queries: [{ expr: stage(0.95, "interruption"), legend: "p95" }],
      steps: badAbove(0.3, 0.5),
      min: 0,
    },
    {
      kind: "heat",
      title: "İlk ses dağılımı",
      english: "Distribution of the time to the first audio",
      about: "Kaç söz sırası ne kadar bekledi.",
      unit: Seconds,
      queries: [
        {
          expr: sumRate("sektor_voice_turn_seconds_bucket", `stage="first_audio", ${chosenInstance}`, "le"),
          legend: "{{le}}",
        },
      ],
      width: 12,
    },
    {
      kind: "lines",
      title: "Aşamaların ortalaması",
      english: "Mean of every stage",
      about: "Aşamaların ortalama süresi.",
      unit: Seconds,
      queries: [{ expr: mean("sektor_voice_turn_seconds", chosenInstance, "stage"), legend: "{{stage}}" }],
      min: 0,
      width: 12,
    },
  ],
};

/** Recognition and synthesis. */
export const voiceSpeech: RowPlan = {
  title: "Tanıma ve seslendirme",
  panels: [
    {
      kind: "lines",
      title: "Tanıma ve seslendirme süresi",
      english: "Time of recognition and synthesis",
      about: "p50 ve p95.",
      unit: Seconds,
      queries: [0.5, 0.95].map((of) => ({
        expr: quantile(of, "turkish_ai_audio_processing_duration_seconds", chosenInstance, "processing_type"),
        legend: `{{processing_type}} p${of * 100}`,
      })),
      min: 0,
    },
    {
      kind: "lines",
      title: "İşlenen ses parçaları / sn",
      english: "Recognitions and syntheses per second",
      about: "Saniyede tanınan söz ve seslendirilen yanıt.",
      unit: Short,
      queries: [
        {
          expr: sumRate("turkish_ai_audio_processing_duration_seconds_count", chosenInstance, "processing_type"),
          legend: "{{processing_type}}",
        },
      ],
      min: 0,
    },
    {
      kind: "heat",
      title: "Tanıma güveni dağılımı",
      english: "Distribution of the recogniser's confidence",
      about: "Tanıyıcının kendi güveni; ölçülmüş doğruluk değildir.",
      unit: PercentUnit,
      queries: [
        {
          expr: sumRate("turkish_ai_stt_accuracy_bucket", `source="confidence", ${chosenInstance}`, "le"),
          legend: "{{le}}",
        },
      ],
    },
    {
      kind: "gauge",
      title: "Tanıma doğruluğu",
      english: "Recognition accuracy by source",
      about: "`confidence`: tanıyıcının güveni; `reference`: doğrusu bilinen kayıtlarda 1−WER.",
      unit: PercentUnit,
      queries: [{ expr: mean("turkish_ai_stt_accuracy", chosenInstance, "source"), legend: "{{source}}" }],
      base: "red",
      steps: goodAbove(0.7, 0.85),
      min: 0,
      max: 1,
      runbook: "SektorRecognitionPoor",
    },
    {
      kind: "gauge",
      title: "Seslendirme kalitesi",
      english: "Synthesis quality",
      about: "Seslendirilen metnin ne kadarını kendi tanıyıcımız geri duyuyor.",
      unit: PercentUnit,
      queries: [{ expr: mean("turkish_ai_tts_quality_score", chosenInstance), legend: "geri duyulan" }],
      base: "red",
      steps: goodAbove(0.6, 0.8),
      min: 0,
      max: 1,
    },
    {
      kind: "lines",
      title: "Olay döngüsü gecikmesi",
      english: "Event loop lag, which is heard as a stutter",
      about: "Sesi gönderen döngü gecikirse ses kesik gelir.",
      unit: Seconds,
      queries: [
        {
          expr: `max by (job, instance) (nodejs_eventloop_lag_p99_seconds{${chosenInstance}})`,
          legend: "{{job}} {{instance}}",
        },
      ],
      steps: badAbove(0.05, 0.1),
      min: 0,
      runbook: "SektorEventLoopLag",
    },
  ],
};
