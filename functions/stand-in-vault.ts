/** In a file of its own, so that a deployment in earnest never loads it. */
import { credentials } from "@grpc/grpc-js";

/** Options that lead the real client of Secret Manager to a stand-in without encryption on this machine, at `host:port`. */
export function standInVault(host: string) {
  const [apiEndpoint = "", port = ""] = host.split(":");
  return {
    client: {
      apiEndpoint,
      port: Number(port),
      sslCreds: credentials.createInsecure(),
      clientOptions: { universeDomain: "googleapis.com" },
    },
  };
}
