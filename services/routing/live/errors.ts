import { PlatformError } from "../../foundation/index.ts";

/** What was sent cannot become a sector: too few examples, too alike, an id nobody can use. */
export class SectorInvalidError extends PlatformError {
  override readonly name = "SectorInvalidError";
  constructor(fault: { readonly en: string; readonly tr: string; readonly param: string }) {
    super({ code: "sector_invalid", status: 400, message: fault.en, messageTr: fault.tr, param: fault.param });
  }
}

export class SectorNotFoundError extends PlatformError {
  override readonly name = "SectorNotFoundError";
  constructor(id: string) {
    super({
      code: "sector_not_found",
      status: 404,
      message: `There is no sector "${id.slice(0, 64)}".`,
      messageTr: `"${id.slice(0, 64)}" adlı bir sektör yok.`,
    });
  }
}

export class SectorExistsError extends PlatformError {
  override readonly name = "SectorExistsError";
  constructor(id: string) {
    super({
      code: "sector_exists",
      status: 409,
      message: `There is a sector "${id}" already. More examples go to /v1/sectors/${id}/examples.`,
      messageTr: `"${id}" adlı bir sektör zaten var. Yeni örnekler /v1/sectors/${id}/examples adresine gönderilir.`,
      param: "id",
    });
  }
}

/** The sectors of configs/sectors.yaml are trained with `npm run router:train`, not at run time. */
export class SectorBuiltInError extends PlatformError {
  override readonly name = "SectorBuiltInError";
  constructor(id: string) {
    super({
      code: "sector_built_in",
      status: 409,
      message: `The sector "${id}" is built in; only sectors added at run time can be changed or deleted here.`,
      messageTr: `"${id}" yerleşik bir sektör; burada yalnız çalışırken eklenen sektörler değiştirilip silinebilir.`,
    });
  }
}

export class TooManySectorsError extends PlatformError {
  override readonly name = "TooManySectorsError";
  constructor(limit: number) {
    super({
      code: "too_many_sectors",
      status: 409,
      message: `There are ${limit} run-time sectors already; no more are kept.`,
      messageTr: `Çalışırken eklenmiş ${limit} sektör var; daha fazlası tutulmuyor.`,
    });
  }
}

/** One training at a time: two would take twice as long and each would miss the other's sector. */
export class RouterBusyError extends PlatformError {
  override readonly name = "RouterBusyError";
  constructor(retryAfterS: number) {
    super({
      code: "router_busy",
      status: 409,
      message: "The router is being trained for another change.",
      messageTr: "Yönlendirici şu anda başka bir değişiklik için eğitiliyor; lütfen biraz sonra yeniden deneyin.",
      retryAfterS,
    });
  }
}

export class SectorHarmsOthersError extends PlatformError {
  override readonly name = "SectorHarmsOthersError";
  constructor(lostPoints: number, allowedPoints: number) {
    super({
      code: "sector_harms_others",
      status: 422,
      message: `With this sector the others would lose ${lostPoints.toFixed(1)} points of rightly routed messages; ${allowedPoints} are allowed.`,
      messageTr: `Bu sektörle öteki sektörler doğru yönlendirilen iletilerden ${lostPoints.toFixed(1)} puan yitirirdi; en çok ${allowedPoints} puana izin var.`,
      param: "examples",
    });
  }
}

export class SectorNotRecognisedError extends PlatformError {
  override readonly name = "SectorNotRecognisedError";
  constructor(recognised: number, of: number) {
    super({
      code: "sector_not_recognised",
      status: 422,
      message: `Of ${of} examples held back from training only ${recognised} were recognised as this sector's.`,
      messageTr: `Eğitimde kullanılmayan ${of} örnekten yalnız ${recognised} tanesi bu sektörün diye tanındı.`,
      param: "examples",
    });
  }
}

/** The messages the other sectors were trained on are not there, so nothing can be trained beside them. */
export class RouterDataMissingError extends PlatformError {
  override readonly name = "RouterDataMissingError";
  constructor(detail: string) {
    super({
      code: "router_data_missing",
      status: 503,
      message: `The router's training data is missing: ${detail}.`,
      messageTr: "Yönlendiricinin eğitim verisi bulunamadı; yeni sektör eğitilemiyor.",
    });
  }
}

/** The training thread ended without a router: too late, out of memory, stopped. The router that served goes on serving. */
export class RouterTrainingFailedError extends PlatformError {
  override readonly name = "RouterTrainingFailedError";
  constructor(why: string, cause?: unknown) {
    super({
      code: "router_training_failed",
      status: 500,
      message: `The router could not be trained: ${why}.`,
      messageTr: "Yönlendirici eğitilemedi; önceki yönlendirici çalışmayı sürdürüyor.",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
