import type { ServerUnaryCall, ServerWritableStream, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import { ShuttingDownError, TooManyWatchersError, UnknownServiceError } from "./errors.ts";
import { textOf } from "./metadata.ts";
import { statusOf } from "./status-of.ts";

type Status = "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN";
type Question = { readonly service?: string };

export interface HealthParts {
  /** Whether replies can be given now; a failure counts as no. */
  readonly isReady: () => Promise<boolean>;
  /** The services there are; "" asks for the whole server. */
  readonly services: readonly string[];
  /** How often those who watch are looked after; 2 s unless told. */
  readonly everyMs?: number;
  /** 100 unless told. */
  readonly maxWatchers?: number;
}

export interface HealthService {
  readonly implementation: UntypedServiceImplementation;
  /** Tells all who watch that it is over, and ends their calls. From now on nothing is served. */
  close(): void;
}

interface Watcher {
  readonly call: ServerWritableStream<Question, object>;
  told: Status | undefined;
}

/**
 * The standard health service; like `/health/ready` it needs no key and asks the parts themselves. Not the package of that name: it knows
 * only what it was told, and calls that watch would keep its server from closing.
 */
export function createHealthService({
  isReady,
  services,
  everyMs = 2000,
  maxWatchers = 100,
}: HealthParts): HealthService {
  const watchers = new Set<Watcher>();
  let closing = false;
  let timer: NodeJS.Timeout | undefined;

  const isKnown = ({ service = "" }: Question): boolean => service === "" || services.includes(service);
  const now = async (): Promise<Status> => {
    const ready = !closing && (await isReady().catch(() => false));
    return ready && !closing ? "SERVING" : "NOT_SERVING";
  };
  const tell = (watcher: Watcher, served: Status): void => {
    const status = isKnown(watcher.call.request) ? served : "SERVICE_UNKNOWN";
    if (watcher.told === status) return;
    watcher.told = status;
    watcher.call.write({ status });
  };
  let looking = false;
  const lookAfter = async (): Promise<void> => {
    // While an answer is slow in coming nobody asks again; who joins meanwhile is told it too.
    if (looking) return;
    looking = true;
    const status = await now();
    looking = false;
    for (const watcher of watchers) tell(watcher, status);
  };
  const forget = (watcher: Watcher): void => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    implementation: {
      Check: (call: ServerUnaryCall<Question, object>, callback: sendUnaryData<object>) => {
        if (!isKnown(call.request)) {
          callback(statusOf(new UnknownServiceError(), textOf(call.metadata, "accept-language")));
          return;
        }
        void now().then((status) => callback(null, { status }));
      },
      Watch: (call: ServerWritableStream<Question, object>) => {
        const refusal = closing
          ? new ShuttingDownError()
          : watchers.size >= maxWatchers && new TooManyWatchersError(maxWatchers);
        if (refusal) {
          call.emit("error", statusOf(refusal, textOf(call.metadata, "accept-language")));
          return;
        }
        const watcher: Watcher = { call, told: undefined };
        watchers.add(watcher);
        call.once("cancelled", () => forget(watcher));
        timer ??= setInterval(() => void lookAfter(), everyMs).unref();
        void lookAfter();
      },
    },
    close: () => {
      closing = true;
      for (const watcher of watchers) {
        const { call } = watcher;
        tell(watcher, "NOT_SERVING");
        call.emit("error", statusOf(new ShuttingDownError(), textOf(call.metadata, "accept-language")));
        forget(watcher);
      }
    },
  };
}
