/** The broker's symbols by name, with their rules. `open-symbols.ts` makes it. */
import type { Result } from "../../platform/result.ts";
import type { ChannelEvent, CtraderCallFailure } from "./channel.ts";
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
  /** The broker's own name, where the list has been read: `loadNames` reads it. */
  nameOf(symbolId: number): string | undefined;
  /** The name of a currency or another asset, where the list has been read. */
  assetName(assetId: number): string | undefined;
  /** Reads the list of names where it is not known. */
  loadNames(): Promise<Result<void, CtraderCallFailure>>;
}

/** The side that the session holds. */
export interface SymbolKeeper extends SymbolDirectory {
  /** Every event of the channel: what `SymbolChangedEvent` names is read again. */
  apply(event: ChannelEvent): void;
  /** After a reconnect: what changed meanwhile nobody told, so everything is read again when it is asked for. */
  forget(): void;
}
