/**
 * The directory of symbols: the list of names is read once, rules by id when they are asked for, at most a
 * hundred in one request. Callers who ask for the same at the same time share one request.
 */
import { type Failure, type Result, succeed } from "../../platform/result.ts";
import type { Channel, CtraderCallFailure } from "./channel.ts";
import type { ProtoOALightSymbol, ProtoOASymbol } from "./protocol/open-api.generated.ts";
import type { KnownSymbol, SymbolKeeper } from "./symbols.ts";

const IDS_PER_REQUEST = 100;

/** What the directory needs of its session. */
export interface SymbolParts {
  readonly request: Channel["request"];
  accountId(): number | undefined;
}

type Call<T> = Promise<Result<T, CtraderCallFailure>>;

interface Names {
  readonly byName: ReadonlyMap<string, ProtoOALightSymbol>;
  readonly byId: ReadonlyMap<number, ProtoOALightSymbol>;
  readonly assets: ReadonlyMap<number, string>;
}

interface WaitingRules {
  readonly promise: Call<void>;
  readonly settle: (result: Result<void, CtraderCallFailure>) => void;
}

/** The symbols of one account's broker. */
export function openSymbols(parts: SymbolParts): SymbolKeeper {
  const names = openNames(parts);
  const rules = openRules(parts);

  async function byName(name: string): Call<KnownSymbol | undefined> {
    const read = await names.read();
    if (!read.ok) return read;
    const light = read.value.byName.get(name);
    if (light === undefined) return succeed(undefined);
    const loaded = await rules.load(light.symbolId);
    return loaded.ok ? succeed(byId(light.symbolId)) : loaded;
  }

  function byId(symbolId: number): KnownSymbol | undefined {
    const light = names.last()?.byId.get(symbolId);
    const rule = rules.get(symbolId);
    if (light === undefined || rule === undefined) return undefined;
    const assetName = (id: number | undefined) => names.last()?.assets.get(id ?? 0) ?? "";
    return {
      light,
      rules: rule,
      baseAsset: assetName(light.baseAssetId),
      quoteAsset: assetName(light.quoteAssetId),
    };
  }

  return {
    byName,
    byId,
    nameOf: (symbolId) => names.last()?.byId.get(symbolId)?.symbolName,
    assetName: (assetId) => names.last()?.assets.get(assetId),
    async loadNames() {
      const read = await names.read();
      return read.ok ? succeed(undefined) : read;
    },
    apply(event) {
      if (event.name !== "ProtoOASymbolChangedEvent") return;
      const account = parts.accountId();
      if (account !== undefined && event.body.ctidTraderAccountId !== account) return;
      for (const symbolId of event.body.symbolId) rules.forget(symbolId);
      // A changed symbol may have been renamed, and an unknown one is new to the list.
      names.forget();
    },
    forget() {
      names.forget();
      rules.forgetAll();
    },
  };
}

function notConnected(): Failure<CtraderCallFailure> {
  return { ok: false, code: "BROKER_UNREACHABLE", detail: {} };
}

/** The list of symbols and the names of their assets; the last one read stays while a newer one is wanted. */
function openNames(parts: SymbolParts) {
  let last: Names | undefined;
  let isFresh = false;
  let reading: Call<Names> | undefined;
  /** Grows with every `forget`, so that a list asked for before one does not count as fresh after it. */
  let edition = 0;

  async function ask(): Call<Names> {
    const asked = edition;
    const ctidTraderAccountId = parts.accountId();
    if (ctidTraderAccountId === undefined) return notConnected();
    const [symbols, assets] = await Promise.all([
      parts.request("ProtoOASymbolsListReq", { ctidTraderAccountId }, { timeoutMs: 30_000 }),
      parts.request("ProtoOAAssetListReq", { ctidTraderAccountId }, { timeoutMs: 30_000 }),
    ]);
    if (!symbols.ok) return symbols;
    if (!assets.ok) return assets;
    const lights = symbols.value.symbol;
    last = {
      byName: new Map(lights.flatMap((light) => (light.symbolName ? [[light.symbolName, light]] : []))),
      byId: new Map(lights.map((light) => [light.symbolId, light])),
      assets: new Map(assets.value.asset.map((asset) => [asset.assetId, asset.name])),
    };
    isFresh = asked === edition;
    return succeed(last);
  }

  return {
    last: () => last,
    read(): Call<Names> {
      if (isFresh && last !== undefined) return Promise.resolve(succeed(last));
      reading ??= ask().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    forget() {
      isFresh = false;
      edition += 1;
    },
  };
}

/** Rules by id. Those asked for in one turn go in one request. */
function openRules(parts: SymbolParts) {
  const known = new Map<number, ProtoOASymbol>();
  const stale = new Set<number>();
  const waiting = new Map<number, WaitingRules>();
  let next: number[] = [];

  async function ask(ids: readonly number[]): Promise<void> {
    const ctidTraderAccountId = parts.accountId();
    for (const id of ids) stale.delete(id);
    const answer =
      ctidTraderAccountId === undefined
        ? notConnected()
        : await parts.request(
            "ProtoOASymbolByIdReq",
            { ctidTraderAccountId, symbolId: ids },
            { timeoutMs: 30_000 },
          );
    if (answer.ok) for (const symbol of answer.value.symbol) known.set(symbol.symbolId, symbol);
    else for (const id of ids) stale.add(id);
    for (const id of ids) {
      const call = waiting.get(id);
      waiting.delete(id);
      call?.settle(answer.ok ? succeed(undefined) : answer);
    }
  }

  function flush(): void {
    const ids = next;
    next = [];
    for (let from = 0; from < ids.length; from += IDS_PER_REQUEST) {
      void ask(ids.slice(from, from + IDS_PER_REQUEST));
    }
  }

  return {
    get: (symbolId: number) => known.get(symbolId),
    load(symbolId: number): Call<void> {
      if (known.has(symbolId) && !stale.has(symbolId)) return Promise.resolve(succeed(undefined));
      const joined = waiting.get(symbolId);
      if (joined !== undefined) return joined.promise;
      const { promise, resolve } = Promise.withResolvers<Result<void, CtraderCallFailure>>();
      waiting.set(symbolId, { promise, settle: resolve });
      if (next.push(symbolId) === 1) queueMicrotask(flush);
      return promise;
    },
    forget(symbolId: number): void {
      stale.add(symbolId);
    },
    forgetAll(): void {
      for (const id of known.keys()) stale.add(id);
    },
  };
}
