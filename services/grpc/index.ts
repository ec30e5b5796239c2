export { asksForCertificates, loadCredentials } from "./credentials.ts";
export { createGrpcServer, type GrpcParts, type GrpcServer } from "./grpc-server.ts";
