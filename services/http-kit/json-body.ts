import fastifyPlugin from "fastify-plugin";
import { InvalidRequestError } from "../foundation/index.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** JSON bodies and no others; refused when they are not UTF-8 instead of being read with question marks in them. */
export const strictJsonBody = fastifyPlugin(async (app) => {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser(["application/json", "text/plain"]);
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    let text: string;
    try {
      text = utf8.decode(body as Buffer);
    } catch {
      done(
        new InvalidRequestError("The body is not valid UTF-8.", {
          code: "invalid_encoding",
          messageTr: "Gövde geçerli UTF-8 değil.",
        }),
        undefined,
      );
      return;
    }
    parse(request, text, done);
  });
});
