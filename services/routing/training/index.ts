export type { ConversationFigures } from "./calibrate.ts";
export { measure, type Routed, type RouterFigures } from "./measure.ts";
export {
  type RoutingData,
  RoutingDataError,
  type RoutingDialogue,
  type RoutingExample,
  readExamples,
  readTrainingData,
} from "./read-examples.ts";
export { defaultRecipe, type Recipe, routeAll, type TrainedRouter, trainRouter } from "./train-router.ts";
