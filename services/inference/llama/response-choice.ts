import { InvalidRequestError } from "../../foundation/index.ts";
import type { GenerateRequest } from "../engine.ts";
import { UnsupportedFeatureError } from "../errors.ts";
import { ChoicePath } from "./choice-path.ts";
import type { NativeModel } from "./llama-bindings.ts";

const mostChoices = 64;
const mostCharacters = 4000;

/**
 * The way through the texts a reply may be; undefined: it is free. One use each.
 * @throws {InvalidRequestError} too many or too few texts, or one of them too long or empty
 * @throws {UnsupportedFeatureError} with log-probabilities: tokens that need no choosing have none
 */
export function choicePathFor(
  model: Pick<NativeModel, "tokenize" | "endTokens">,
  { responseFormat, topLogprobs }: Pick<GenerateRequest, "responseFormat" | "topLogprobs">,
): ChoicePath | undefined {
  if (responseFormat?.type !== "choice") return undefined;
  const { choices } = responseFormat;
  const fits = (choice: string): boolean => choice.trim() !== "" && choice.length <= mostCharacters;
  if (choices.length < 1 || choices.length > mostChoices || !choices.every(fits)) {
    throw new InvalidRequestError(
      `A reply can be held to 1–${mostChoices} texts of 1–${mostCharacters} characters each.`,
      {
        param: "structured_outputs",
        code: "invalid_choices",
        messageTr: `Bir yanıt, her biri 1–${mostCharacters} karakterlik en çok ${mostChoices} metinden biriyle sınırlanabilir.`,
      },
    );
  }
  if (topLogprobs !== undefined) throw new UnsupportedFeatureError("Log-probabilities of a choice", "logprobs");
  return new ChoicePath(
    choices.map((choice) => model.tokenize(choice, false)),
    model.endTokens,
  );
}
