/** Firestore may apply a transaction whose answer is lost, and run it again: nothing may come of that. */
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GOOD_PIN } from "../../tests/support/fake-issuer.ts";
import { openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { createLeases } from "../platform/lease.ts";
import { Secret } from "../platform/secret.ts";
import type { Store } from "../platform/store.ts";
import { acknowledgeToken } from "./acknowledger.ts";
import { Authorizer } from "./authorizer.ts";
import { keepAlive } from "./keeper.ts";
import { loginBudget } from "./login-opening.ts";
import { authorizations, keepAlives, tokens } from "./records.ts";

let house: TokenHouse;
let authorizer: Authorizer;

beforeEach(() => {
  house = openTokenHouse();
  authorizer = new Authorizer(parts());
});
afterEach(() => house.close());

/** Applies every transaction, forgets that it did, and runs it again. */
function forgetful(store: Store): Store {
  return {
    get: (of, id) => store.get(of, id),
    query: (of, query) => store.query(of, query),
    close: () => store.close(),
    async transact(work) {
      await store.transact(work);
      return store.transact(work);
    },
  };
}

const parts = () => house.parts({ store: forgetful(house.store) });

async function begin(): Promise<string> {
  const begun = await authorizer.begin(house.connection.id, { kind: "terminal" });
  if (!begun.ok) throw new Error(begun.code);
  return begun.value.id;
}

function enter(authorization: string, pin = GOOD_PIN) {
  const { id: connection } = house.connection;
  return authorizer.complete({ connection, authorization, pin: Secret.of(pin), actor: { kind: "terminal" } });
}

test("a login costs one of the budget, and its PIN brings one generation, acknowledged and told once", async () => {
  const login = await begin();
  const completed = await enter(login);
  await acknowledgeToken(parts(), house.connection);
  await acknowledgeToken(parts(), house.connection);

  expect(completed).toMatchObject({ ok: true, value: { generation: 1 } });
  expect(await loginBudget(house.parts(), house.connection)).toMatchObject({ used: 1 });
  expect(await house.store.get(tokens, house.connection.id)).toMatchObject({ generation: 1 });
  expect(house.events.map((event) => event.kind)).toEqual(["acknowledged"]);
});

test("a wrong PIN counts once and says so; the last one closes the login and tells the owner", async () => {
  const login = await begin();
  const answers = [];
  for (let entered = 1; entered <= house.limits.wrongPins; entered += 1) {
    answers.push(await enter(login, "WRONG"));
  }

  expect(answers.map((answer) => !answer.ok && answer.code)).toEqual([
    ...Array<string>(house.limits.wrongPins - 1).fill("PIN_REFUSED"),
    "PIN_WRONG_TOO_OFTEN",
  ]);
  expect(answers[0]).toMatchObject({ detail: { attemptsLeft: house.limits.wrongPins - 1 } });
  expect((await house.store.get(authorizations, login))?.attempts).toBe(house.limits.wrongPins);
  expect(house.events.map((event) => event.kind)).toEqual(["login-failed"]);
});

test("a failed keep-alive counts once", async () => {
  await enter(await begin());
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 80 }));
  house.issuer.failures.push({ method: "probe", code: "BROKER_UNREACHABLE" });

  const deps = { ...parts(), leases: createLeases(parts()) };
  const outcome = await keepAlive(deps, house.connection, { isForced: false });

  expect(outcome).toEqual({ did: "failed", code: "BROKER_UNREACHABLE" });
  expect(await house.store.get(keepAlives, house.connection.id)).toMatchObject({ failuresInRow: 1 });
});

test("a login that another process takes over is finished", async () => {
  const login = await begin();
  house.issuer.failures.push({ method: "complete", code: "BROKER_TIMEOUT" });
  await enter(login);
  await house.clock.advanceBy(Temporal.Duration.from({ seconds: 21 }));

  const settled = await new Authorizer(parts()).recover();

  expect(settled).toBe(1);
  expect(await house.store.get(tokens, house.connection.id)).toMatchObject({ authorization: login });
});

test("a token that the broker gives in place of another is in force", async () => {
  await enter(await begin());
  await house.clock.advanceBy(Temporal.Duration.from({ hours: 3 }));
  house.issuer.isReplacing = true;

  const deps = { ...parts(), leases: createLeases(parts()) };
  const outcome = await keepAlive(deps, house.connection, { isForced: false });

  expect(outcome).toEqual({ did: "kept", isRenewed: true });
  expect(house.bus.published).toHaveLength(2);
  expect(await house.store.get(tokens, house.connection.id)).toMatchObject({ generation: 2, version: 2 });
});
