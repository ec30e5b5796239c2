export { refuseOpenBind } from "./access.ts";
export { buildGatewayApp, type GatewayParts } from "./build-gateway-app.ts";
