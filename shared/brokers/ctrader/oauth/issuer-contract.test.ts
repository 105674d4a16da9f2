import { Temporal } from "temporal-polyfill";
import type { Http } from "../../../platform/http.ts";
import { createVirtualTimers } from "../../../platform/local/virtual-timers.ts";
import { Secret } from "../../../platform/secret.ts";
import { notSent } from "../../../platform/testing/http-answers.ts";
import { createCountingRandom, createJumpingClock } from "../../etrade/testing/fakes.ts";
import { createTransport } from "../../http.ts";
import { tokenIssuerContract } from "../../token-issuer.contract.ts";
import { TinyCtrader } from "../testing/tiny-ctrader.ts";
import { createCtraderAccounts } from "../visits.ts";
import { createCtraderIssuer } from "./issuer.ts";
import { createTokenEndpoint } from "./token-endpoint.ts";

const CLIENT = { id: "app-1", secret: "app-secret", redirectUri: "https://openbell.example/api/callback" };

tokenIssuerContract({
  name: "cTrader before a broker in memory",
  wrongVerifier: Secret.of("never-given-out"),
  lives: {
    request: Temporal.Duration.from({ minutes: 10 }),
    idle: Temporal.Duration.from({ hours: 24 }),
    token: Temporal.Duration.from({ seconds: 2_628_000 }),
  },
  async make() {
    const clock = createJumpingClock();
    const broker = new TinyCtrader(clock, CLIENT);
    const random = createCountingRandom();
    const issuerWith = (http: Http, openChannel: TinyCtrader["openChannel"]) => {
      const clientSecret = Secret.of(CLIENT.secret);
      const transport = createTransport({ http, clock }, { timeoutMs: 1_000 });
      const endpoint = createTokenEndpoint(
        { transport },
        { url: "https://broker.example/token", clientId: CLIENT.id, clientSecret },
      );
      const accounts = createCtraderAccounts(
        { openChannel, timers: createVirtualTimers() },
        { clientId: CLIENT.id, clientSecret, environment: "demo" },
      );
      const authorizeUrl = "https://id.example/grant/";
      const { redirectUri } = CLIENT;
      return createCtraderIssuer(
        { endpoint, clock, random, probe: accounts.probe },
        { clientId: CLIENT.id, authorizeUrl, redirectUri },
      );
    };
    const down = new TinyCtrader(clock, CLIENT);
    down.isDown = true;
    const refused = async () => notSent("ECONNREFUSED");
    return {
      clock,
      issuer: issuerWith(broker.http, broker.openChannel),
      unreachable: issuerWith(refused, down.openChannel),
      approve: async (begun) => Secret.of(` ${broker.approve(begun.authorizeUrl)}\n`),
      pass: async (duration) => clock.advance(duration),
    };
  },
  gaps: {
    "two logins can be told apart": "the broker's page takes nothing that it would give back",
    "a PIN of one login does not complete another": "a code is bound to the application, not to a login",
    "a token that went idle stops working, and works again once renewed": "no token goes idle",
    "a token that is past its life is dead, and renewing does not revive it":
      "a refresh token has no end, and brings another grant",
    "a revoked token is dead, and renewing does not revive it": "the broker has no call that ends a grant",
    "where nobody listens, every call says that nothing was sent": "neither begin nor revoke asks the broker",
  },
});
