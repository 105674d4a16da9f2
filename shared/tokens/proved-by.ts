import type { TokenIssuer } from "../brokers/token-issuer.ts";

/** An issuer whose tokens are proved in another way, e.g. on a connection that is held open anyway. */
export function provedBy(issuer: TokenIssuer, probe: TokenIssuer["probe"]): TokenIssuer {
  return {
    begin: () => issuer.begin(),
    readVerifier: (text) => issuer.readVerifier(text),
    complete: (request, verifier) => issuer.complete(request, verifier),
    renew: (token) => issuer.renew(token),
    revoke: (token) => issuer.revoke(token),
    probe,
    lifeOf: (token) => issuer.lifeOf?.(token),
  };
}
