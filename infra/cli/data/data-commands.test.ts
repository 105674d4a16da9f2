import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { auditEntries, createAuditLog } from "../../../shared/audit/audit-log.ts";
import type { AccountId } from "../../../shared/config/account.ts";
import { createEncryptedVault } from "../../../shared/platform/local/encrypted-vault.ts";
import { createSqliteStore } from "../../../shared/platform/local/sqlite-store.ts";
import { createSystemClock } from "../../../shared/platform/local/system-clock.ts";
import { makeTemporaryFolder } from "../../../shared/platform/local/temporary-folder.ts";
import { Secret } from "../../../shared/platform/secret.ts";
import type { Store } from "../../../shared/platform/store.ts";
import { equityPoints } from "../../../shared/trading/ledger/records.ts";
import {
  type FillRecord,
  fills,
  type OrderRecord,
  orders,
  tradingStates,
} from "../../../shared/trading/records.ts";
import { ROOT } from "../../../tests/support/stack.ts";
import { openHome, writeClock } from "../../local/home.ts";
import { openHomeKey } from "../../local/home-key.ts";
import { lockHome } from "../../local/home-lock.ts";
import { runGuarded } from "../run-guarded.ts";
import { createFakeTerminal } from "../testing/fake-terminal.ts";
import { EXPORT_TABLES, EXPORTS } from "./export-tables.ts";

const ACCOUNT = "paper-ctrader-demo" as AccountId;
const OTHER = "etrade-production" as AccountId;
const MONDAY = Temporal.Instant.from("2026-11-23T15:00:00Z");

let folder: ReturnType<typeof makeTemporaryFolder>;

beforeEach(() => {
  folder = makeTemporaryFolder();
});
afterEach(() => folder.remove());

const at = (name: string) => join(folder.path, name);
const environmentOf = (home: string) => ({
  OPENBELL_HOME: at(home),
  OPENBELL_CONFIG: at("openbell.yaml"),
  OPENBELL_KEYCHAIN: "off",
});

async function run(argv: readonly string[], home = "home") {
  const terminal = createFakeTerminal();
  const interruption = new AbortController().signal;
  const world = { terminal, environment: environmentOf(home), root: ROOT, interruption };
  const code = await runGuarded(argv, world);
  return { code, out: terminal.printed(), err: terminal.complained() };
}

/** A home as a stack leaves it, with a secret, and what `write` puts into its store. */
async function seed(write: (store: Store) => Promise<void> = async () => undefined, name = "home") {
  const home = await openHome(at(name), { isFresh: false });
  await writeClock(home, { machine: createSystemClock().now(), virtual: MONDAY });
  const { key } = await openHomeKey(home, environmentOf(name));
  const vault = createEncryptedVault({ path: home.path("vault.db"), masterKey: key });
  await vault.add("token-etrade-production", Secret.of("a-secret-token"));
  vault.close();
  await inStore(write, name);
  return home;
}

async function inStore<R>(work: (store: Store) => Promise<R>, name = "home"): Promise<R> {
  const store = createSqliteStore({ path: join(at(name), "store.db"), durability: "process-death" });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const aFill = (over: Partial<FillRecord> = {}): FillRecord => ({
  connection: ACCOUNT,
  brokerFillId: "f1",
  brokerOrderId: "o1",
  positionId: "p1",
  instrument: "GOLD",
  side: "sell",
  quantity: new Decimal("1.50"),
  price: new Decimal("2650.1"),
  commission: new Decimal("-0.27"),
  at: MONDAY,
  ...over,
});

const put = (...records: readonly FillRecord[]) =>
  seed(async (store) => {
    await store.transact(async (transaction) => {
      for (const one of records) transaction.set(fills, `${one.connection}:${one.brokerFillId}`, one);
    });
  });

describe("export", () => {
  test("the CSV has a heading, decimals as they are, text that is no formula, and what is missing is empty", async () => {
    await put(aFill({ instrument: "=HYPERLINK(1)", clientOrderId: "a1" }));

    const { code, out } = await run(["export", "--what", "fills", "--format", "csv"]);

    expect(code).toBe(0);
    expect(out.split("\r\n")).toEqual([
      "connection,brokerFillId,brokerOrderId,positionId,clientOrderId,instrument,side,quantity,price,commission,at,closed.grossProfit,closed.swap,closed.commission,closed.balanceAfter",
      "paper-ctrader-demo,f1,o1,p1,a1,'=HYPERLINK(1),sell,1.5,2650.1,-0.27,2026-11-23T15:00:00.000Z,,,,",
      "",
    ]);
  });

  test("the JSON is the records as they lie in the store", async () => {
    await put(aFill(), aFill({ brokerFillId: "f2" }));

    const { out } = await run(["export", "--what", "fills", "--format", "json"]);

    expect(JSON.parse(out)).toMatchObject([
      { brokerFillId: "f1", quantity: "1.5", at: "2026-11-23T15:00:00.000Z" },
      { brokerFillId: "f2" },
    ]);
  });

  test("without records it is an empty list, or the heading alone", async () => {
    await seed();

    expect(JSON.parse((await run(["export", "--what", "trades", "--format", "json"])).out)).toEqual([]);
    expect((await run(["export", "--what", "trades", "--format", "csv"])).out).toMatch(
      /^account,bot,[^\n]*\r\n$/,
    );
  });

  test("an account, and New York's days, both included, choose the records", async () => {
    const midnight = Temporal.Instant.from("2026-11-23T05:00:00Z");
    const times = {
      before: midnight.subtract({ milliseconds: 1 }),
      first: midnight,
      last: midnight.add({ hours: 48 }).subtract({ milliseconds: 1 }),
      after: midnight.add({ hours: 48 }),
    };
    await put(
      ...Object.entries(times).map(([brokerFillId, when]) => aFill({ brokerFillId, at: when })),
      aFill({ brokerFillId: "other", connection: OTHER }),
    );
    const chosen = async (...more: readonly string[]) => {
      const { out } = await run(["export", "--what", "fills", "--format", "json", ...more]);
      return (JSON.parse(out) as FillRecord[]).map((one) => one.brokerFillId);
    };

    expect(await chosen("--account", ACCOUNT, "--from", "2026-11-23", "--to", "2026-11-24")).toEqual([
      "first",
      "last",
    ]);
    expect(await chosen("--to", "2026-11-22")).toEqual(["before"]);
    expect(await chosen("--from", "2026-11-25")).toEqual(["after"]);
    expect(await chosen("--account", OTHER)).toEqual(["other"]);
  });

  test.each(["fills", "equity"])(
    "%s of more than two pages come whole, in order, and into a file that only the owner reads",
    async (what) => {
      const count = 2_345;
      await seed((store) =>
        store.transact(async (transaction) => {
          for (let n = 0; n < count; n += 1) {
            const when = MONDAY.add({ minutes: n });
            const money = { balance: new Decimal(n), unrealised: new Decimal(0), equity: new Decimal(n) };
            transaction.set(fills, `${ACCOUNT}:${n}`, aFill({ brokerFillId: String(n), at: when }));
            transaction.set(equityPoints, `${ACCOUNT}:${when.epochMilliseconds / 60_000}`, {
              account: ACCOUNT,
              at: when,
              ...money,
            });
          }
        }),
      );
      const file = at("out.csv");

      const { code, out } = await run(["export", "--what", what, "--format", "csv", "--out", file]);

      expect([code, out]).toEqual([0, `${count} ${what} in ${file}`]);
      const lines = readFileSync(file, "utf8").split("\r\n").slice(1, -1);
      const column = what === "fills" ? 10 : 1;
      expect(lines.map((line) => line.split(",")[column])).toEqual(
        Array.from({ length: count }, (_, n) =>
          MONDAY.add({ minutes: n }).toString({ fractionalSecondDigits: 3 }),
        ),
      );
      expect(statSync(file).mode & 0o777).toBe(0o600);
    },
  );

  test("a file that is there is not written over", async () => {
    await put(aFill());
    writeFileSync(at("mine.csv"), "mine");

    const { code, err } = await run([
      "export",
      "--what",
      "fills",
      "--format",
      "csv",
      "--out",
      at("mine.csv"),
    ]);

    expect(code).toBe(1);
    expect(err).toContain("FILE_NOT_WRITTEN");
    expect(readFileSync(at("mine.csv"), "utf8")).toBe("mine");
  });

  test("a folder that is not there is told, and nothing is left behind", async () => {
    await put(aFill());

    const { code, err } = await run([
      "export",
      "--what",
      "fills",
      "--format",
      "csv",
      "--out",
      at("no/x.csv"),
    ]);

    expect([code, err.includes("ENOENT")]).toEqual([1, true]);
  });

  test.each([
    [["--what", "fills"], "required option '--format <format>' not specified"],
    [["--format", "csv"], "required option '--what <records>' not specified"],
    [["--what", "secrets", "--format", "csv"], "Allowed choices are orders, fills"],
    [["--what", "fills", "--format", "xml"], "Allowed choices are csv, json"],
    [["--what", "audit", "--format", "csv", "--account", "x"], "audit belong to no account"],
    [["--what", "fills", "--format", "csv", "--from", "2026-13-01"], "It is not a date like"],
    [
      ["--what", "fills", "--format", "csv", "--from", "2026-11-02", "--to", "2026-11-01"],
      "--to lies before --from",
    ],
  ])("%j is not understood", async (options, words) => {
    const { code, out, err } = await run(["export", ...options]);

    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(words);
  });

  test("where Openbell never ran there is nothing to export, and nothing is made", async () => {
    const { code, err } = await run(["export", "--what", "fills", "--format", "csv"]);

    expect(code).toBe(1);
    expect(err).toContain("STACK_NOT_RUNNING");
    expect(existsSync(at("home"))).toBe(false);
  });

  test.each(EXPORTS)(
    "every column of %s, its time and its account are fields that its records have",
    (what) => {
      const { records, columns, time, account } = EXPORT_TABLES[what];
      type Shape = {
        readonly properties?: { readonly [key: string]: Shape };
        readonly anyOf?: readonly Shape[];
      };
      const whole = z.toJSONSchema(records.schema, { io: "input", unrepresentable: "any" }) as Shape;
      const has = (shape: Shape | undefined, [key, ...rest]: readonly string[]): boolean =>
        key === undefined
          ? shape !== undefined
          : [shape, ...(shape?.anyOf ?? [])].some(
              (one) => key in (one?.properties ?? {}) && has(one?.properties?.[key], rest),
            );

      const paths = [...columns, time, ...(account === undefined ? [] : [account])];
      expect(paths.filter((path) => !has(whole, path.split(".")))).toEqual([]);
      expect(has(whole, ["no", "such"])).toBe(false);
    },
  );

  test("what lies deeper in a record has columns of its own", async () => {
    const order: OrderRecord = {
      connection: ACCOUNT,
      clientOrderId: "a1",
      source: "s",
      ticket: {
        instrument: "GOLD",
        side: "buy",
        type: "market",
        quantity: new Decimal(1),
        stopLoss: { distance: new Decimal("0.5") },
        timeInForce: "ioc",
      },
      state: "refused",
      isDue: false,
      createdAt: MONDAY,
      sendBy: MONDAY,
      changedAt: MONDAY,
      filledQuantity: new Decimal(0),
      refusal: { code: "X", text: "no, never" },
    };
    await seed((store) => store.transact(async (one) => one.set(orders, `${ACCOUNT}:a1`, order)));

    const { out } = await run(["export", "--what", "orders", "--format", "csv"]);

    expect(out.split("\r\n")[1]).toMatch(/,0,GOLD,buy,market,1,,,,0\.5,,,ioc,,,X,"no, never",,$/);
  });
});

describe("audit verify", () => {
  const append = (count: number) =>
    seed(async (store) => {
      const audit = createAuditLog({ store, clock: createSystemClock() });
      for (let n = 0; n < count; n += 1) {
        await audit.append({ actor: "terminal", action: "tried", subject: `s${n}`, outcome: "ok" });
      }
    });

  test("a whole chain ends with 0 and its length", async () => {
    await append(3);

    expect(await run(["audit", "verify"])).toEqual({
      code: 0,
      out: "The audit log is whole: 3 entries, each linked to the one before.",
      err: "",
    });
  });

  test("a changed entry ends with 1 and its number", async () => {
    await append(3);
    await inStore((store) =>
      store.transact(async (transaction) => {
        const second = await transaction.get(auditEntries, "000000000002");
        if (second === undefined) throw new Error("there are three");
        transaction.set(auditEntries, "000000000002", { ...second, outcome: "changed" });
      }),
    );

    const { code, err } = await run(["audit", "verify"]);

    expect(code).toBe(1);
    expect(err).toContain("(AUDIT_BROKEN; entry: 2)");
  });
});

describe("backup and restore", () => {
  const backup = (home = "home") => run(["backup", at("b.openbell")], home);
  const restore = (home = "home", ...more: readonly string[]) =>
    run(["restore", at("b.openbell"), ...more], home);
  const fillIds = (home = "home") =>
    inStore(async (store) => (await store.query(fills)).map(({ value }) => value.brokerFillId), home);

  async function secretOf(name: string): Promise<string | undefined> {
    const home = await openHome(at(name), { isFresh: false });
    const { key } = await openHomeKey(home, environmentOf(name), false);
    const vault = createEncryptedVault({ path: home.path("vault.db"), masterKey: key });
    const found = await vault.read("token-etrade-production", 1);
    vault.close();
    return found.ok ? found.value.reveal() : undefined;
  }

  test("what was backed up while the stack runs comes back, halted, and what was there is kept", async () => {
    await put(aFill());
    const release = await lockHome(at("home"));
    const made = await backup();
    release();
    await inStore((store) =>
      store.transact(async (transaction) =>
        transaction.set(fills, `${ACCOUNT}:f2`, aFill({ brokerFillId: "f2" })),
      ),
    );

    const restored = await restore();

    expect([made.code, restored.code]).toEqual([0, 0]);
    expect(made.out).toContain("1 records and 1 sealed secrets");
    expect(made.out).toContain("master key that opens them is not in the file");
    expect(await fillIds()).toEqual(["f1"]);
    expect(await inStore((store) => store.get(tradingStates, "all"))).toMatchObject({ state: "halted" });
    expect(await secretOf("home")).toBe("a-secret-token");
    const kept = readdirSync(at("home")).filter((name) => name.includes(".before-"));
    expect(kept).toHaveLength(2);
    const old = new DatabaseSync(join(at("home"), kept.find((name) => name.startsWith("store")) ?? ""));
    expect(old.prepare("SELECT count(*) AS n FROM documents WHERE collection = 'fills'").get()).toEqual({
      n: 2,
    });
    old.close();
  });

  test("the file holds neither a secret in plain text nor the master key, and only its owner may read it", async () => {
    const home = await put(aFill());
    await backup();

    const bytes = readFileSync(at("b.openbell"));
    const key = readFileSync(home.path("master.key"), "utf8").trim();

    expect(bytes.includes("a-secret-token")).toBe(false);
    expect(bytes.includes(key)).toBe(false);
    expect(bytes.includes(Buffer.from(key, "base64"))).toBe(false);
    expect(statSync(at("b.openbell")).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path).filter((name) => name.startsWith("b."))).toEqual(["b.openbell"]);
  });

  test("what is not yet in the store's own file, but in its log, is backed up", async () => {
    await seed();
    const store = createSqliteStore({ path: join(at("home"), "store.db"), durability: "process-death" });
    await store.transact(async (transaction) => transaction.set(fills, `${ACCOUNT}:f1`, aFill()));

    const { out } = await backup();
    await store.close();

    expect(out).toContain("1 records");
  });

  test("a stack that runs is not restored over", async () => {
    await put(aFill());
    await backup();
    const release = await lockHome(at("home"));

    const { code, err } = await restore();
    release();

    expect(code).toBe(1);
    expect(err).toContain("Openbell already runs on");
    expect(readdirSync(at("home")).some((name) => name.includes(".before-"))).toBe(false);
  });

  test("on a new machine the secrets want the master key, or are left out", async () => {
    await put(aFill());
    await backup();

    const refused = await restore("new");
    const without = await restore("new", "--without-secrets");

    expect(refused.code).toBe(1);
    expect(refused.err).toContain("BACKUP_KEY_MISSING");
    expect(without.code).toBe(0);
    expect(await fillIds("new")).toEqual(["f1"]);
    expect(existsSync(join(at("new"), "vault.db"))).toBe(false);
  });

  test("with the master key a new machine has everything, and the clock stands where it stood", async () => {
    const home = await put(aFill());
    await backup();
    await openHome(at("fresh"), { isFresh: false });
    writeFileSync(join(at("fresh"), "master.key"), readFileSync(home.path("master.key")));

    const { code } = await restore("fresh");

    expect(code).toBe(0);
    expect(await secretOf("fresh")).toBe("a-secret-token");
    const { virtual } = JSON.parse(readFileSync(join(at("fresh"), "clock.json"), "utf8")) as {
      virtual: string;
    };
    expect(virtual.startsWith("2026-11-23T15:0")).toBe(true);
  });

  test("a damaged store is replaced and kept", async () => {
    await put(aFill());
    await backup();
    writeFileSync(
      join(at("home"), "store.db"),
      "not a database at all, though as long as a header of one is long",
    );

    const { code } = await restore();

    expect(code).toBe(0);
    expect(await fillIds()).toEqual(["f1"]);
    expect(readdirSync(at("home")).filter((name) => name.startsWith("store.db.before-"))).toHaveLength(1);
  });

  const replaceBy = (make: (path: string) => void) => (path: string) => {
    rmSync(path);
    make(path);
  };
  const change = (sql: string) => (path: string) => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  };

  /** What is no JSON cannot be indexed, so the indexes go first. */
  const breakRecords = (path: string) => {
    const database = new DatabaseSync(path);
    const found = database.prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL");
    for (const { name } of found.all()) database.exec(`DROP INDEX ${name}`);
    database.exec("UPDATE documents SET body = '{'");
    database.close();
  };

  test.each([
    ["that is not there", replaceBy(() => undefined), "there is no such file"],
    [
      "of something else",
      replaceBy((path) => writeFileSync(path, "hello, I am a letter")),
      "it is no backup",
    ],
    ["that is a folder", replaceBy((path) => mkdirSync(path)), "it is no backup"],
    ["of a newer version", change("UPDATE openbell_backup SET format = 2"), "it has format 2"],
    ["without its note", change("DELETE FROM openbell_backup"), "it is no backup"],
    ["with a broken record", breakRecords, "a record is damaged"],
    ["that was cut off", (path: string) => truncateSync(path, 9_000), "BACKUP_UNUSABLE"],
  ])("a file %s is refused and nothing changes", async (_, spoil, words) => {
    await put(aFill());
    await backup();
    const names = () => readdirSync(at("home")).filter((name) => name !== "openbell-running");
    const before = names();
    spoil(at("b.openbell"));

    const { code, err } = await restore();

    expect(code).toBe(1);
    expect(err).toContain("BACKUP_UNUSABLE");
    expect(err).toContain(words);
    expect(names()).toEqual(before);
    expect(await fillIds()).toEqual(["f1"]);
  });

  test("a backup is not written over a file, nor into a folder that is not there", async () => {
    await put(aFill());
    writeFileSync(at("b.openbell"), "mine");

    const over = await backup();
    const nowhere = await run(["backup", at("no/b.openbell")]);

    expect([over.code, nowhere.code]).toEqual([1, 1]);
    expect(over.err).toContain("it exists");
    expect(nowhere.err).toContain("its folder does not exist");
    expect(readFileSync(at("b.openbell"), "utf8")).toBe("mine");
  });

  test("where Openbell never ran there is nothing to back up", async () => {
    const { code, err } = await backup();

    expect(code).toBe(1);
    expect(err).toContain("STACK_NOT_RUNNING");
  });
});
