import { type Logger, orAbort, PlatformError } from "../../foundation/index.ts";
import type { Sector, Sectors } from "../../settings/index.ts";
import type { Router } from "../router.ts";
import {
  RouterBusyError,
  RouterTrainingFailedError,
  SectorBuiltInError,
  SectorExistsError,
  SectorNotFoundError,
  TooManySectorsError,
} from "./errors.ts";
import { FailedAttempts } from "./failed-attempts.ts";
import { createLiveRouter } from "./live-router.ts";
import type { PackedWeights } from "./packed-weights.ts";
import type { Refit } from "./refit.ts";
import { type RefitFigures, refusalOf } from "./refit-figures.ts";
import { type NewSector, type RunTimeSector, readExampleTexts, readSector } from "./run-time-sector.ts";
import type { KeptSector, SectorStore } from "./sector-store.ts";
import { weightsKey } from "./weights-key.ts";

export interface SectorState {
  readonly sector: Sector;
  readonly builtIn: boolean;
  /** `training`: a training for it runs; `live`: the router knows it; `failed`: it does not, `failure` says why. */
  readonly status: "training" | "live" | "failed";
  /** Whether the router sends messages to it now; during a training for more examples it still does. */
  readonly serving: boolean;
  /** Null: built in. */
  readonly examples: number | null;
  /** 0–1 of the training that runs; null: none does. */
  readonly progress: number | null;
  /** From the request until it was live; null: not yet, or built in. */
  readonly seconds: number | null;
  /** Of the latest training, also of one that was refused. */
  readonly figures: RefitFigures | null;
  /** Why the latest training did not go live. */
  readonly failure: PlatformError | null;
}

/** The sectors and the router, as they are at the moment; both change together when a training is done. */
export interface SectorRegistry extends AsyncDisposable {
  readonly sectors: Sectors;
  readonly router: Router;
  describe(id: string): SectorState | undefined;
  /**
   * Starts the training of a new sector; `settled` waits for its end.
   * @throws {SectorInvalidError | SectorExistsError | TooManySectorsError | RouterBusyError} nothing was started
   */
  add(given: NewSector, options?: ChangeOptions): SectorState;
  /** The same for more examples of a run-time sector. @throws {SectorNotFoundError | SectorBuiltInError | SectorInvalidError | RouterBusyError} */
  addExamples(id: string, examples: readonly string[], options?: ChangeOptions): SectorState;
  /** @throws why the latest training for this sector failed, or the signal's reason: then only the waiting ends */
  settled(id: string, signal?: AbortSignal): Promise<SectorState>;
  /** From the next message on nobody is sent there; a training for a sector that is not live yet is stopped. @throws {SectorNotFoundError | SectorBuiltInError | RouterBusyError} */
  remove(id: string): Promise<void>;
}

export interface ChangeOptions {
  /** Go live even where others lose or the sector is hardly recognised. */
  readonly force?: boolean;
}

export interface SectorRegistryParts {
  readonly builtIn: Sectors;
  readonly shipped: Router;
  /** Changes when the shipped router does. */
  readonly shippedKey: string;
  readonly store: SectorStore;
  readonly refit: Refit;
  /** @throws {RouterWeightsError} */
  readonly openRouter: (weights: PackedWeights) => Router;
  readonly nowMs: () => number;
  readonly log: Logger;
  /** Called when a sector has gone live. */
  readonly onLive?: (id: string) => void;
}

/** Most run-time sectors: bounds the weights, the training and the labels of the metrics. */
const mostSectors = 100;
const retryAfterS = 15;

/** A training that runs; `id` undefined: of what is there already, after a deletion or a new version. */
interface Job {
  readonly id: string | undefined;
  readonly wanted: RunTimeSector | undefined;
  readonly abort: AbortController;
  progress: number;
  done: Promise<void>;
}

/** Opens what was kept: with the weights of exactly these sectors they are live at once, without them a training starts. */
export function createSectorRegistry(parts: SectorRegistryParts): SectorRegistry {
  return new LiveSectorRegistry(parts);
}

class LiveSectorRegistry implements SectorRegistry {
  readonly #parts: SectorRegistryParts;
  readonly #kept = new Map<string, KeptSector>();
  readonly #failed = new FailedAttempts(mostSectors);
  readonly #router: ReturnType<typeof createLiveRouter>;
  readonly sectors: Sectors;
  /** The router behind the live one, and its weights where it is not the shipped one. */
  #serving: { readonly router: Router; readonly weights?: PackedWeights };
  #hidden: ReadonlySet<string> = new Set();
  #all: readonly Sector[];
  #job: Job | undefined;
  #removing = false;
  #closed = false;

  constructor(parts: SectorRegistryParts) {
    this.#parts = parts;
    const { builtIn, shipped, store, log } = parts;
    for (const kept of store.load()) {
      const { id } = kept.sector;
      if (builtIn.byId(id) === undefined) this.#kept.set(id, kept);
      else log.warn({ sector: id }, "sector-now-built-in");
    }
    this.#serving = this.#openKept() ?? { router: shipped };
    this.#router = createLiveRouter(this.#serving.router);
    this.#all = builtIn.all;
    const registry = this;
    this.sectors = {
      get all() {
        return registry.#all;
      },
      byId: (id) => builtIn.byId(id) ?? this.#kept.get(id)?.sector,
      fallbackSystemPrompt: builtIn.fallbackSystemPrompt,
    };
    this.#listSectors();
    if (this.#kept.size > 0 && this.#serving.weights === undefined) this.#train(undefined, true);
  }

  get router(): Router {
    return this.#router;
  }

  describe(id: string): SectorState | undefined {
    const builtIn = this.#parts.builtIn.byId(id);
    if (builtIn !== undefined) {
      const nothing = { examples: null, progress: null, seconds: null, figures: null, failure: null } as const;
      return { sector: builtIn, builtIn: true, status: "live", serving: true, ...nothing };
    }
    const kept = this.#kept.get(id);
    const attempt = this.#failed.get(id);
    const job = this.#jobFor(id);
    const sector = kept?.sector ?? job?.wanted ?? attempt?.sector;
    if (sector === undefined) return undefined;
    const serving = kept !== undefined && this.#router.sectors.includes(id);
    return {
      sector,
      builtIn: false,
      status: job !== undefined ? "training" : serving ? "live" : "failed",
      serving,
      examples: sector.examples.length,
      progress: job?.progress ?? null,
      seconds: kept?.seconds ?? null,
      figures: attempt?.figures ?? kept?.figures ?? null,
      failure: attempt?.failure ?? null,
    };
  }

  add(given: NewSector, { force = false }: ChangeOptions = {}): SectorState {
    const sector = readSector(given);
    if (this.sectors.byId(sector.id) !== undefined || this.#job?.id === sector.id)
      throw new SectorExistsError(sector.id);
    if (this.#kept.size >= mostSectors) throw new TooManySectorsError(mostSectors);
    return this.#begin(sector, force);
  }

  addExamples(id: string, examples: readonly string[], { force = false }: ChangeOptions = {}): SectorState {
    const { sector } = this.#changeable(id);
    return this.#begin({ ...sector, examples: readExampleTexts([...sector.examples, ...examples]) }, force);
  }

  async settled(id: string, signal?: AbortSignal): Promise<SectorState> {
    const job = this.#jobFor(id);
    if (job !== undefined) await orAbort(job.done, signal);
    const state = this.describe(id);
    if (state === undefined) throw new SectorNotFoundError(id);
    if (state.failure !== null) throw state.failure;
    return state;
  }

  async remove(id: string): Promise<void> {
    if (this.#parts.builtIn.byId(id) !== undefined) throw new SectorBuiltInError(id);
    if (this.describe(id) === undefined) throw new SectorNotFoundError(id);
    const job = this.#job;
    if (this.#removing || (job?.id !== undefined && job.id !== id)) throw new RouterBusyError(retryAfterS);
    this.#removing = true;
    try {
      job?.abort.abort(new RouterTrainingFailedError("the sector was deleted"));
      await job?.done;
      await this.#parts.store.remove(id);
      this.#failed.delete(id);
      if (this.#kept.delete(id)) this.#stopServing(id);
      this.#parts.log.info({ sector: id }, "sector-removed");
    } finally {
      this.#removing = false;
    }
    const trained = this.#kept.size === 0 || (this.#hidden.size === 0 && this.#serving.weights !== undefined);
    if (!trained && !this.#closed) this.#train(undefined, true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#job?.abort.abort(new RouterTrainingFailedError("the gateway was stopped"));
    await this.#job?.done;
  }

  #changeable(id: string): KeptSector {
    if (this.#parts.builtIn.byId(id) !== undefined) throw new SectorBuiltInError(id);
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    if (this.#job?.id === id) throw new RouterBusyError(retryAfterS);
    throw new SectorNotFoundError(id);
  }

  #begin(wanted: RunTimeSector, force: boolean): SectorState {
    if (this.#job !== undefined || this.#removing || this.#closed) throw new RouterBusyError(retryAfterS);
    this.#train(wanted, force);
    return this.describe(wanted.id) as SectorState;
  }

  /** The job that concerns a sector: its own, or the one that will make the router know it again. */
  #jobFor(id: string): Job | undefined {
    const job = this.#job;
    if (job === undefined || job.id === id) return job;
    const awaited = job.id === undefined && this.#kept.has(id) && !this.#router.sectors.includes(id);
    return awaited ? job : undefined;
  }

  #train(wanted: RunTimeSector | undefined, force: boolean): void {
    const abort = new AbortController();
    const job: Job = { id: wanted?.id, wanted, abort, progress: 0, done: Promise.resolve() };
    this.#job = job;
    for (const id of wanted === undefined ? this.#kept.keys() : [wanted.id]) this.#failed.delete(id);
    job.done = this.#run(job, force).finally(() => {
      this.#job = undefined;
    });
  }

  /** Never rejects: what went wrong is kept beside the sector. */
  async #run(job: Job, force: boolean): Promise<void> {
    const { store, refit, openRouter, nowMs, log, onLive } = this.#parts;
    const { wanted } = job;
    const startedMs = nowMs();
    let figures: RefitFigures | null = null;
    try {
      const kept = [...this.#kept.values()].map(({ sector }) => sector).filter(({ id }) => id !== job.id);
      const runTime = wanted === undefined ? kept : [...kept, wanted];
      const answer = await refit(
        {
          builtIn: this.#parts.builtIn.all.map(({ id }) => id),
          runTime: runTime.map(({ id, examples }) => ({ id, examples })),
          force,
          ...(job.id === undefined ? {} : { subject: job.id }),
          ...(this.#serving.weights === undefined ? {} : { serving: this.#serving.weights }),
        },
        {
          signal: job.abort.signal,
          onProgress: (share) => {
            job.progress = share;
          },
        },
      );
      figures = answer.figures ?? null;
      const refusal = figures === null || force ? undefined : refusalOf(figures);
      if (refusal !== undefined) throw refusal;
      if (answer.weights === undefined) throw new RouterTrainingFailedError("it brought no weights");
      const router = openRouter(answer.weights);
      await store.saveWeights(this.#keyOf(runTime), answer.weights);
      const seconds = Math.round((nowMs() - startedMs) / 100) / 10;
      if (wanted !== undefined) {
        const entry = { sector: wanted, seconds, figures };
        await store.save(entry);
        this.#kept.set(wanted.id, entry);
      }
      this.#serve(router, answer.weights);
      log.info({ sector: job.id ?? null, seconds, sectors: runTime.length }, "sectors-live");
      if (job.id !== undefined) onLive?.(job.id);
    } catch (thrown) {
      const failure = thrown instanceof PlatformError ? thrown : new RouterTrainingFailedError("unexpectedly", thrown);
      const seconds = Math.round((nowMs() - startedMs) / 100) / 10;
      log.warn(
        { sector: job.id ?? null, code: failure.code, reason: failure.message, seconds },
        "sector-training-failed",
      );
      const concerned = wanted === undefined ? [...this.#kept.values()].map(({ sector }) => sector) : [wanted];
      for (const sector of concerned) this.#failed.add({ sector, failure, figures });
    }
  }

  #serve(router: Router, weights: PackedWeights): void {
    this.#serving = { router, weights };
    this.#hidden = new Set();
    this.#router.swap(router);
    this.#listSectors();
  }

  /** At once, with the router there is: with no run-time sector left the shipped one, else without this sector until one is trained that never knew it. */
  #stopServing(id: string): void {
    if (this.#kept.size === 0) {
      this.#serving = { router: this.#parts.shipped };
      this.#hidden = new Set();
    } else if (this.#serving.router.sectors.includes(id)) this.#hidden = new Set([...this.#hidden, id]);
    this.#router.swap(this.#serving.router, this.#hidden);
    this.#listSectors();
  }

  #listSectors(): void {
    this.#all = [...this.#parts.builtIn.all, ...[...this.#kept.values()].map(({ sector }) => sector)];
  }

  #openKept(): { router: Router; weights: PackedWeights } | undefined {
    if (this.#kept.size === 0) return undefined;
    const weights = this.#parts.store.loadWeights(this.#keyOf([...this.#kept.values()].map(({ sector }) => sector)));
    if (weights === undefined) return undefined;
    try {
      return { router: this.#parts.openRouter(weights), weights };
    } catch (fault) {
      this.#parts.log.warn({ reason: String(fault) }, "sector-weights-unreadable");
      return undefined;
    }
  }

  #keyOf(runTime: readonly RunTimeSector[]): string {
    const { shippedKey, builtIn } = this.#parts;
    return weightsKey(shippedKey, builtIn, runTime);
  }
}
