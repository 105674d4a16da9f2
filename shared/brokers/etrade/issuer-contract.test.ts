import { Temporal } from "temporal-polyfill";
import { Secret } from "../../platform/secret.ts";
import { notSent } from "../../platform/testing/http-answers.ts";
import { tokenIssuerContract } from "../token-issuer.contract.ts";
import { createEtradeClient } from "./client.ts";
import { anOptions, CONSUMER_SECRET } from "./testing/client.ts";
import { createCountingRandom, createJumpingClock, createKeptLog } from "./testing/fakes.ts";
import { TinyBroker } from "./testing/tiny-broker.ts";

tokenIssuerContract({
  name: "E*TRADE before a broker in memory",
  wrongVerifier: Secret.of("WRONG"),
  lives: {
    request: Temporal.Duration.from({ minutes: 5 }),
    idle: Temporal.Duration.from({ hours: 2 }),
    token: Temporal.Duration.from({ hours: 25 }),
  },
  async make() {
    const clock = createJumpingClock();
    const options = anOptions();
    const broker = new TinyBroker(clock, { key: options.consumer.key, secret: CONSUMER_SECRET });
    const deps = { clock, random: createCountingRandom(), log: createKeptLog() };
    const refused = async () => notSent("ECONNREFUSED");
    return {
      clock,
      issuer: createEtradeClient({ ...deps, http: broker.http }, options).issuer,
      unreachable: createEtradeClient({ ...deps, http: refused }, options).issuer,
      approve: async (begun) => Secret.of(` ${broker.approve(begun.authorizeUrl).toLowerCase()}\n`),
      pass: async (duration) => clock.advance(duration),
    };
  },
});
