import type { Temporal } from "temporal-polyfill";
import type { Connection } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import type { Acknowledgement, TokenRecord } from "./records.ts";

/** What happens to tokens and is worth telling the owner. */
export type TokenEvent =
  | {
      readonly kind: "acknowledged";
      readonly connection: Connection;
      readonly record: TokenRecord;
      readonly acknowledgement: Acknowledgement;
    }
  | {
      readonly kind: "login-failed";
      readonly connection: Connection;
      readonly login: string;
      readonly code: ErrorCode;
    }
  /** The broker no longer accepts a token that should be alive. */
  | {
      readonly kind: "rejected";
      readonly connection: Connection;
      readonly generation: number;
      readonly code: ErrorCode;
    }
  /** Three or more keep-alives in a row have failed. */
  | {
      readonly kind: "keep-alive-failing";
      readonly connection: Connection;
      readonly generation: number;
      readonly failuresInRow: number;
      readonly code: ErrorCode;
      /** When the streak began, as text: one warning a streak. */
      readonly streak: string;
      /** From when the token sleeps if nothing changes; absent where none does. */
      readonly idleAt?: Temporal.Instant;
      /** When the token ends if it is not renewed, where that is what was tried. */
      readonly endsAt?: Temporal.Instant;
    };
