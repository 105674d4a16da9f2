/** The broker's symbols by name, with their rules. `open-symbols.ts` makes it. */
import type { Result } from "../../platform/result.ts";
import type { CtraderCallFailure } from "./channel.ts";
import type { ProtoOALightSymbol, ProtoOASymbol } from "./protocol/open-api.generated.ts";

export interface KnownSymbol {
  readonly light: ProtoOALightSymbol;
  readonly rules: ProtoOASymbol;
  /** e.g. `EUR` and `USD`. */
  readonly baseAsset: string;
  readonly quoteAsset: string;
}

export interface SymbolDirectory {
  /** By the broker's own name, e.g. `EURUSD`; undefined for none. Reads from the broker what is not known or has changed. */
  byName(name: string): Promise<Result<KnownSymbol | undefined, CtraderCallFailure>>;
  /** Known already, by id. */
  byId(symbolId: number): KnownSymbol | undefined;
}
