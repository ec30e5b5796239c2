export { refuseOpenBind } from "./access.ts";
export { buildGatewayApp } from "./build-gateway-app.ts";
export type { GatewayParts } from "./gateway-parts.ts";
export type { EraseUser } from "./user-routes.ts";
