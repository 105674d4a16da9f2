import type { ConnectionId } from "../../config/connection.ts";
import type { CtraderAddress } from "./link.ts";

/** Where one environment of cTrader is found. */
export interface CtraderHosts {
  readonly socket: CtraderAddress;
  /** The page where the owner logs in and grants access, without a query. */
  readonly authorizeUrl: string;
  /** Where codes and refresh tokens are exchanged, without a query. */
  readonly tokenUrl: string;
}

/** cTrader's own word for its two worlds: an account belongs to one of them and is reached by its host alone. */
export type CtraderEnvironment = "demo" | "live";

/** A connection, or an environment for which there is none. */
export interface CtraderPlace {
  readonly environment: CtraderEnvironment;
  readonly id?: ConnectionId;
}

const OAUTH = {
  authorizeUrl: "https://id.ctrader.com/my/settings/openapi/grantingaccess/",
  tokenUrl: "https://openapi.ctrader.com/apps/token",
} as const;

/** The real hosts; 5035 is the port that speaks protobuf. Both worlds log in at one place. Source: help.ctrader.com/open-api. */
export const CTRADER_HOSTS: Readonly<Record<CtraderEnvironment, CtraderHosts>> = {
  demo: { socket: { host: "demo.ctraderapi.com", port: 5035 }, ...OAUTH },
  live: { socket: { host: "live.ctraderapi.com", port: 5035 }, ...OAUTH },
};
