export { type Answer, type Asked, askHttps } from "../../scripts/lib/ask-https.ts";
