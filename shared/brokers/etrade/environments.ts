import type { CallLimits } from "./rate-limit.ts";

/** Where one environment of E*TRADE is found. Addresses have no slash at the end. */
export interface EtradeHosts {
  /** Root of the OAuth calls. */
  readonly apiBaseUrl: string;
  /** Root of the data calls. */
  readonly dataBaseUrl: string;
  /** The page where the owner logs in. */
  readonly authorizeUrl: string;
  /** Calls a second that are allowed there, where they are others than everywhere. */
  readonly limits?: CallLimits;
}

/** E*TRADE's own word for the kind of a consumer key. */
export type EtradeEnvironment = "production" | "sandbox";

/**
 * The real hosts. The sandbox has data of its own but neither OAuth host nor login page: both kinds of key log
 * in at the production ones, with a real user. Source: developer.etrade.com, getting started.
 */
export const ETRADE_HOSTS: Readonly<Record<EtradeEnvironment, EtradeHosts>> = {
  production: {
    apiBaseUrl: "https://api.etrade.com",
    dataBaseUrl: "https://api.etrade.com",
    authorizeUrl: "https://us.etrade.com/e/t/etws/authorize",
  },
  sandbox: {
    apiBaseUrl: "https://api.etrade.com",
    dataBaseUrl: "https://apisb.etrade.com",
    authorizeUrl: "https://us.etrade.com/e/t/etws/authorize",
  },
};
