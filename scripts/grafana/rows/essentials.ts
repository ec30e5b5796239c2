import {
  BytesIEC,
  Percent,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from "@grafana/grafana-foundation-sdk/units";
import { badAbove, goodAbove, type RowPlan } from "../panels/plan.ts";
import { chosenInstance, chosenSector, mean, ofPeople, quantile, share, sumRate } from "../promql.ts";

/** Of people and programs, and failed by our fault: what the alerts count, recorded by monitoring/rules. All gateways together. */
const requests = 'sector:turkish_ai_requests:rate5m{sector=~"$sector"}';
const faults = 'sector:turkish_ai_faults:rate5m{sector=~"$sector"}';
const faultsOfAll = share(`sum(${faults})`, `sum(${requests})`);

/** The thirteen panels everybody asks for first, in the order they are asked for. */
export const essentials: RowPlan = {
  title: "Genel bakış",
  panels: [
    {
      kind: "lines",
      title: "Sektöre göre istek hızı",
      english: "Request rate by sector",
      about:
        "Saniyede yanıtlanan istek; sağlık yoklamaları ve ölçümler sayılmaz. `none`: sektörü olmayan istekler (belgeler, yönetim).",
      unit: RequestsPerSecond,
      queries: [{ expr: sumRate("turkish_ai_requests_total", ofPeople, "sector"), legend: "{{sector}}" }],
      stacked: true,
      min: 0,
    },
    {
      kind: "lines",
      title: "p95 yanıt süresi",
      english: "95th percentile of the response time by sector",
      about:
        "İsteğin gelişinden yanıtın son parçasına kadar; akış dahildir, uzun yanıt uzun sürer. " +
        "500 ms hedefi üretime değil bekleyişe konmuştur (aşağıda).",
      unit: Seconds,
      queries: [{ expr: quantile(0.95, "turkish_ai_response_time_seconds", ofPeople, "sector"), legend: "{{sector}}" }],
      min: 0,
      runbook: "SektorFirstTokenSlow",
    },
    {
      kind: "lines",
      title: "Hata oranı",
      english: "Error rate by sector",
      about:
        "Bizim hatamızla biten isteklerin payı, beş dakikada; alarmlar da bunu sayar. Çağıranın hataları (4xx) türleriyle aşağıdadır. %5 alarm sınırıdır.",
      unit: PercentUnit,
      queries: [
        { expr: share(faults, requests), legend: "{{sector}}" },
        { expr: faultsOfAll, legend: "tümü" },
      ],
      steps: badAbove(0.01, 0.05),
      min: 0,
      runbook: "SektorErrorRateHigh",
    },
    {
      kind: "stat",
      title: "Başarı oranı",
      english: "Success rate",
      about: "Bizim hatamız olmadan biten isteklerin payı, beş dakikada. %95 altı kötüdür.",
      unit: PercentUnit,
      queries: [{ expr: `1 - ${faultsOfAll}`, legend: "başarı" }],
      base: "red",
      steps: goodAbove(0.95, 0.99),
      runbook: "SektorErrorRateHigh",
    },
    {
      kind: "gauge",
      title: "GPU kullanımı",
      english: "GPU utilisation",
      about: "nvidia-smi'nin söylediği, 0–100. GPU'su olmayan makinede seri yoktur.",
      unit: Percent,
      queries: [{ expr: `max by (gpu) (turkish_ai_gpu_utilization{${chosenInstance}})`, legend: "GPU {{gpu}}" }],
      min: 0,
      max: 100,
      steps: badAbove(85, 95),
    },
    {
      kind: "lines",
      title: "Bellek",
      english: "Resident memory of each process",
      about: "Süreçlerin ayırdığı bellek. Sürekli büyüyen çizgi sızıntıdır; basamak, yüklenen adaptördür.",
      unit: BytesIEC,
      queries: [
        {
          expr: `sum by (job, instance, process) (turkish_ai_memory_usage_bytes{${chosenInstance}})`,
          legend: "{{job}} {{instance}} {{process}}",
        },
      ],
      min: 0,
    },
    {
      kind: "stat",
      title: "WebSocket bağlantıları",
      english: "Open WebSocket connections",
      about: "Şu anda açık sesli oturumlar.",
      unit: Short,
      queries: [{ expr: `sum(turkish_ai_websocket_connections{${chosenInstance}})`, legend: "açık" }],
      base: "blue",
    },
    {
      kind: "lines",
      title: "Ses işleme süresi",
      english: "95th percentile of the audio processing time, recognition and synthesis",
      about: "Bir sözü tanımak ve bir yanıtı seslendirmek ne kadar sürüyor (p95).",
      unit: Seconds,
      queries: [
        {
          expr: quantile(0.95, "turkish_ai_audio_processing_duration_seconds", chosenInstance, "processing_type"),
          legend: "{{processing_type}}",
        },
      ],
      steps: badAbove(0.3, 0.5),
      min: 0,
      runbook: "SektorVoiceSlow",
    },
    {
      kind: "gauge",
      title: "Konuşma tanıma doğruluğu (STT)",
      english: "Speech recognition accuracy",
      about:
        "`confidence`: tanıyıcının kendi güveni; `reference`: doğrusu bilinen kayıtlarda 1−WER. Biri öbürünün yerine geçmez.",
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
      title: "Seslendirme kalitesi (TTS)",
      english: "Speech synthesis quality",
      about: "Seslendirilen metnin ne kadarını kendi tanıyıcımız geri duyuyor; örneklenen yanıtlarda ölçülür.",
      unit: PercentUnit,
      queries: [{ expr: mean("turkish_ai_tts_quality_score", chosenInstance), legend: "geri duyulan" }],
      base: "red",
      steps: goodAbove(0.6, 0.8),
      min: 0,
      max: 1,
    },
    {
      kind: "bars",
      title: "Adaptör doğruluğu",
      english: "Adapter accuracy by sector, version and source",
      about: "`feedback`: kullanıcıların puanlarından; `evaluation`: çevrimdışı değerlendirmeden. İkisi ayrı ölçülür.",
      unit: PercentUnit,
      queries: [
        {
          expr: `avg by (sector, adapter_version, source) (turkish_ai_adapter_accuracy{${chosenSector}})`,
          legend: "{{adapter_version}} ({{source}})",
        },
      ],
      base: "red",
      steps: goodAbove(0.6, 0.8),
      min: 0,
      max: 1,
      runbook: "SektorFeedbackDrop",
    },
    {
      kind: "gauge",
      title: "Yönlendirici doğruluğu",
      english: "Router accuracy by source",
      about: "`feedback`: kullanıcıların düzelttikleriyle; `evaluation`: saklı sınama kümesiyle.",
      unit: PercentUnit,
      queries: [{ expr: `avg by (source) (turkish_ai_router_accuracy{${chosenInstance}})`, legend: "{{source}}" }],
      base: "red",
      steps: goodAbove(0.8, 0.9),
      min: 0,
      max: 1,
      runbook: "SektorRouterAccuracyLow",
    },
    {
      kind: "lines",
      title: "İstek başına maliyet",
      english: "Cost per request by sector",
      about:
        "Ayarlardaki fiyat tablosunun para biriminde ortalama. Fiyat tablosu yoksa seri de yoktur: sayı uydurulmaz.",
      unit: Short,
      queries: [{ expr: mean("turkish_ai_cost_per_request", chosenSector, "sector"), legend: "{{sector}}" }],
      min: 0,
    },
  ],
};
