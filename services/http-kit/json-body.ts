import { isUtf8 } from "node:buffer";
import fastifyPlugin from "fastify-plugin";
import { InvalidRequestError } from "../foundation/index.ts";

/** JSON bodies and no others; refused when they are not UTF-8 instead of being read with question marks in them. */
export const strictJsonBody = fastifyPlugin(async (app) => {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser(["application/json", "text/plain"]);
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (!isUtf8(body as Buffer)) {
      const message = "The body is not valid UTF-8.";
      const messageTr = "Gövde geçerli UTF-8 değil.";
      done(new InvalidRequestError(message, { code: "invalid_encoding", messageTr }), undefined);
      return;
    }
    parse(request, (body as Buffer).toString("utf8"), done);
  });
});
