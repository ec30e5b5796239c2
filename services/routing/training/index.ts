export { chooseTemperature, type Judged, probabilitiesOf } from "./calibrate.ts";
export type { ConversationFigures } from "./calibrate-conversation.ts";
export { buildCorpus, type Corpus, type CorpusSpec } from "./corpus.ts";
export { type FoldVerdicts, judgeFold } from "./cross-validate.ts";
export { measure, type Routed, type RouterFigures } from "./measure.ts";
export {
  type LabelledConversation,
  type RoutingData,
  RoutingDataError,
  type RoutingDialogue,
  type RoutingExample,
  readExamples,
  readTrainingData,
} from "./read-examples.ts";
export { defaultRecipe, type Recipe } from "./recipe.ts";
export {
  headerOf,
  refitRouter,
  routeAll,
  type TrainedRouter,
  type Tuned,
  trainRouter,
  tune,
} from "./train-router.ts";
