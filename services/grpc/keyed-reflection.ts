import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import type { Admission } from "./admission.ts";
import { textOf } from "./metadata.ts";
import { statusOf } from "./status-of.ts";

/** Where there are keys, only who has one learns what there is to call; as with `/docs`, any key will do. */
export function keyedReflection(admission: Pick<Admission, "caller">): ServerInterceptor {
  return ({ path }, call) => {
    if (!path.startsWith("/grpc.reflection.")) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            admission.caller(metadata, call.getPeer(), undefined).then(
              () => pass(metadata),
              (refusal: unknown) => call.sendStatus(statusOf(refusal, textOf(metadata, "accept-language"))),
            );
          },
        }),
    });
  };
}
