import { expect, test } from "vitest";
import { fail, succeed } from "../../platform/result.ts";
import type { Channel } from "./channel.ts";
import { openSymbols } from "./open-symbols.ts";
import type { RequestName } from "./protocol/names.ts";
import type { ProtoOALightSymbol, ProtoOASymbol } from "./protocol/open-api.generated.ts";

const aSymbol = (symbolId: number): ProtoOASymbol => ({
  symbolId,
  digits: 5,
  pipPosition: 4,
  schedule: [],
  holiday: [],
});

/** A broker of so many symbols `S1`, `S2`, …, and what was asked of it. */
function aDirectory(symbols = 3) {
  const asked: { readonly name: RequestName; readonly ids: readonly number[] }[] = [];
  const state: { isConnected: boolean; digits: number } = { isConnected: true, digits: 5 };
  const light = (symbolId: number): ProtoOALightSymbol => ({
    symbolId,
    symbolName: `S${symbolId}`,
    baseAssetId: 1,
    quoteAssetId: 2,
  });
  const answerOf = (name: RequestName, ids: readonly number[]): object => {
    if (name === "ProtoOASymbolsListReq") {
      return { symbol: Array.from({ length: symbols }, (_, index) => light(index + 1)) };
    }
    if (name === "ProtoOAAssetListReq") {
      return {
        asset: [
          { assetId: 1, name: "EUR" },
          { assetId: 2, name: "USD" },
        ],
      };
    }
    return { symbol: ids.map((id) => ({ ...aSymbol(id), digits: state.digits })) };
  };
  const request: Channel["request"] = (name, body) => {
    const { symbolId: ids = [] } = body as { symbolId?: readonly number[] };
    asked.push({ name, ids });
    return Promise.resolve(
      state.isConnected ? succeed(answerOf(name, ids) as never) : fail("BROKER_UNREACHABLE"),
    );
  };
  const directory = openSymbols({ request, accountId: () => 7 });
  return {
    directory,
    asked,
    state,
    rulesAsked: () => asked.filter(({ name }) => name === "ProtoOASymbolByIdReq"),
  };
}

const changed = (symbolId: readonly number[]) => ({
  name: "ProtoOASymbolChangedEvent" as const,
  body: { ctidTraderAccountId: 7, symbolId },
  clientMsgId: undefined,
});

test("a symbol is known by its name, with its rules and the names of its assets", async () => {
  const { directory } = aDirectory();
  expect(directory.byId(2)).toBeUndefined();

  const found = await directory.byName("S2");

  expect(found).toEqual({
    ok: true,
    value: expect.objectContaining({ rules: aSymbol(2), baseAsset: "EUR", quoteAsset: "USD" }),
  });
  expect(directory.byId(2)).toEqual(found.ok && found.value);
  expect(directory.nameOf(3)).toBe("S3");
  expect(await directory.byName("NOPE")).toEqual({ ok: true, value: undefined });
});

test("callers of one moment share their requests, at most a hundred ids in one", async () => {
  const { directory, asked, rulesAsked } = aDirectory(250);
  const names = Array.from({ length: 250 }, (_, index) => `S${index + 1}`);

  await Promise.all([...names, ...names].map((name) => directory.byName(name)));
  await directory.byName("S1");

  expect(asked.filter(({ name }) => name === "ProtoOASymbolsListReq")).toHaveLength(1);
  expect(rulesAsked().map(({ ids }) => ids.length)).toEqual([100, 100, 50]);
});

test("a symbol that has changed is read again, and the others are not", async () => {
  const { directory, state, rulesAsked } = aDirectory();
  await directory.byName("S1");
  await directory.byName("S2");
  state.digits = 3;

  directory.apply(changed([1]));
  const again = await directory.byName("S1");
  await directory.byName("S2");

  expect(again.ok && again.value?.rules.digits).toBe(3);
  expect(rulesAsked().map(({ ids }) => ids)).toEqual([[1], [2], [1]]);
});

test("a change that comes while the answer is on its way makes that answer old", async () => {
  const { directory, rulesAsked } = aDirectory();
  await directory.loadNames();

  const reading = directory.byName("S1");
  await Promise.resolve();
  await Promise.resolve();
  directory.apply(changed([1]));
  await reading;
  await directory.byName("S1");

  expect(rulesAsked()).toHaveLength(2);
});

test("a failed read fails its callers and is made again for the next", async () => {
  const { directory, state } = aDirectory();
  state.isConnected = false;
  expect(await directory.byName("S1")).toEqual({ ok: false, code: "BROKER_UNREACHABLE", detail: {} });

  state.isConnected = true;

  expect((await directory.byName("S1")).ok).toBe(true);
});

test("after a reconnect everything is read again when it is asked for, and the old stays until then", async () => {
  const { directory, rulesAsked } = aDirectory();
  await directory.byName("S1");

  directory.forget();
  expect(directory.byId(1)?.light.symbolName).toBe("S1");
  await directory.byName("S1");

  expect(rulesAsked()).toHaveLength(2);
});
