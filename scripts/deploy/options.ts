import { parseArgs } from "node:util";

export interface DeployOptions {
  readonly local: boolean;
  readonly scale: number;
  readonly dryRun: boolean;
  readonly keep: boolean;
  readonly restart: boolean;
  readonly stop: boolean;
  readonly skipBuild: boolean;
  readonly profile: "cpu" | "gpu";
  readonly folder: string | undefined;
  readonly report: string | undefined;
  readonly rules: string | undefined;
  readonly httpsPort: number;
  readonly engineUrl: string | undefined;
  readonly certificate: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
  readonly drainMs: number;
  readonly url: string;
  readonly ca: string | undefined;
  readonly apiKeyFile: string | undefined;
}

export const usage = `sektor deploy [seçenekler]

  Docker Compose ile kurar; --local ile Docker'sız, bu makinenin süreçleri olarak.

  --scale N            ağ geçidi sayısı (varsayılan 2)
  --dry-run            ne yapılacağını yazar, hiçbir şeye dokunmaz
  --report DOSYA       raporun yeri (varsayılan: .sektor/deploy/…md)

  --local              Docker'sız: redis, postgres, infer, work, ağ geçitleri, nginx, prometheus
    --keep             çalışır bırakır ve adresleri yazar; verilmezse sınayıp durdurur
    --folder KLASÖR    her şeyin yeri (varsayılan: geçici bir klasör)
    --restart          --folder'daki kurulumun ağ geçitlerini istek kaybetmeden yeniler
    --stop             --folder'daki kurulumu durdurur ve klasörü siler
    --https-port N     nginx'in kapısı (varsayılan: boş bir kapı)
    --certificate F --certificate-key F --ca F   kendi sertifikanız
    --engine-url URL   infer yerine başka bir motor
    --rules KLASÖR     monitoring/rules yerine başka kurallar
    --drain SN         yenilerken açık yanıtlar için en uzun bekleme (varsayılan 30)

  --profile cpu|gpu    Compose profili (varsayılan cpu)
  --skip-build         imajları yapmaz, olanları kullanır
  --public-url URL --ca F   duman testinin adresi (varsayılan https://localhost) ve güvendiği sertifika
  --api-key-file F     yönetici anahtarı (varsayılan: SEKTOR_SECRETS/api_key)

Çıkış kodu: 0 her şey yolunda · 1 bir şey başarısız · 2 komut anlaşılamadı · 4 makinede eksik var · 130 durduruldu
`;

export class DeployUsageError extends Error {
  override readonly name = "DeployUsageError";
}

/** @throws {DeployUsageError} */
export function readOptions(args: readonly string[]): DeployOptions | "help" {
  const values = parsed(args);
  if (values.help === true) return "help";
  const profile = values.profile;
  if (profile !== "cpu" && profile !== "gpu") throw new DeployUsageError("--profile: cpu ya da gpu");
  const { certificate: cert, "certificate-key": key, ca } = values;
  if ((cert === undefined) !== (key === undefined) || (cert !== undefined && ca === undefined))
    throw new DeployUsageError("--certificate, --certificate-key ve --ca birlikte verilir");
  const needsFolder = values.restart === true || values.stop === true;
  if (needsFolder && (values.local !== true || values.folder === undefined))
    throw new DeployUsageError("--restart ve --stop için --local ve --folder gerekir");
  return {
    local: values.local === true,
    scale: number("--scale", values.scale, 1, 64),
    dryRun: values["dry-run"] === true,
    keep: values.keep === true,
    restart: values.restart === true,
    stop: values.stop === true,
    skipBuild: values["skip-build"] === true,
    profile,
    folder: values.folder,
    report: values.report,
    rules: values.rules,
    httpsPort: number("--https-port", values["https-port"], 0, 65_535),
    engineUrl: values["engine-url"],
    certificate: cert === undefined || key === undefined || ca === undefined ? undefined : { cert, key, ca },
    drainMs: number("--drain", values.drain, 1, 3600) * 1000,
    url: values["public-url"],
    ca,
    apiKeyFile: values["api-key-file"],
  };
}

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { ...flag, short: "h" },
        local: flag,
        "dry-run": flag,
        keep: flag,
        restart: flag,
        stop: flag,
        "skip-build": flag,
        scale: { ...text, default: "2" },
        profile: { ...text, default: "cpu" },
        folder: text,
        report: text,
        rules: text,
        "https-port": { ...text, default: "0" },
        "engine-url": text,
        certificate: text,
        "certificate-key": text,
        ca: text,
        drain: { ...text, default: "30" },
        "public-url": { ...text, default: "https://localhost" },
        "api-key-file": text,
      },
    }).values;
  } catch (fault) {
    throw new DeployUsageError(fault instanceof Error ? fault.message : String(fault));
  }
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new DeployUsageError(`${name}: ${least}–${most} arasında bir tam sayı`);
}
