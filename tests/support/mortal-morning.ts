/** A morning whose process is killed again and again: the same home, the same cookie, ever new processes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openHome } from "../../infra/local/home.ts";
import { openHomeKey } from "../../infra/local/home-key.ts";
import { createScriptedOwner, type PhoneMessage } from "../../infra/sandbox/owner/scripted-owner.ts";
import {
  type ApiAuthorization,
  type ApiConnectionStatus,
  type ApiStatus,
  authorizationSchema,
  statusSchema,
} from "../../shared/console/api.ts";
import { createEncryptedVault } from "../../shared/platform/local/encrypted-vault.ts";
import { type Answer, contentOf, cookieOf, createCaller, linkCodeOf } from "./http-caller.ts";
import { configurationOf, type Ended, type RunningOpenbell, startOpenbell } from "./running-openbell.ts";

export class MortalMorning {
  readonly #home: string;
  #running: RunningOpenbell;
  #cookie = "";
  /** How many logins were begun, by connection. */
  readonly begun: Record<string, number> = {};

  private constructor(home: string, running: RunningOpenbell) {
    this.#home = home;
    this.#running = running;
  }

  /** Starts it in an empty home, brings the clock to the alert and signs in by its link. */
  static async open(home: string, configuration = ""): Promise<MortalMorning> {
    writeFileSync(configurationOf(home), configuration);
    const morning = new MortalMorning(home, await startOpenbell({ home }));
    await morning.advance("PT31S");
    const alert = (await morning.messages()).find((one) => one.buttons.length > 0);
    if (alert === undefined) throw new Error("The phone did not ring.");
    morning.#cookie = cookieOf(await morning.call("POST", "/api/session", { code: linkCodeOf(alert) }));
    return morning;
  }

  get cookie(): string {
    return this.#cookie;
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    const caller = createCaller(this.#running.origin, { cookie: this.#cookie });
    return caller(method, path, body === undefined ? {} : { body });
  }

  async status(): Promise<ApiStatus> {
    return contentOf(statusSchema, await this.call("GET", "/api/status"));
  }

  async connection(id: string): Promise<ApiConnectionStatus> {
    const found = (await this.status()).connections.find((one) => one.id === id);
    if (found === undefined) throw new Error(`There is no connection ${id}.`);
    return found;
  }

  messages(): Promise<readonly PhoneMessage[]> {
    return createScriptedOwner(this.#running.sandbox).messages();
  }

  async begin(connection: string): Promise<ApiAuthorization> {
    this.begun[connection] = (this.begun[connection] ?? 0) + 1;
    const path = `/api/connections/${connection}/authorizations`;
    return contentOf(authorizationSchema, await this.call("POST", path, {}));
  }

  logIn(login: ApiAuthorization): Promise<string> {
    return createScriptedOwner(this.#running.sandbox).logIn(login);
  }

  /** Sends a PIN; undefined when the process died over it. */
  enter(connection: string, login: string, pin: string): Promise<Answer | undefined> {
    const path = `/api/connections/${connection}/authorizations/${login}/pin`;
    return this.call("POST", path, { pin }).catch(() => undefined);
  }

  async slowDown(latencyMs: number): Promise<void> {
    await this.call("POST", "/sandbox/etrade/faults", { latencyMs });
  }

  async advance(duration: string): Promise<void> {
    const answer = await this.call("POST", "/sandbox/clock", { advance: duration });
    if (answer.status !== 200) throw new Error(answer.text);
  }

  async die(): Promise<void> {
    await this.#running.end("SIGKILL");
  }

  async restart(how: { readonly isFresh: boolean } = { isFresh: false }): Promise<void> {
    this.#running = await startOpenbell({ home: this.#home, ...how });
  }

  end(): Promise<Ended> {
    return this.#running.end("SIGTERM");
  }

  /** How many logins were taken over from a dead process. */
  takenOver(): number {
    const lines = readFileSync(join(this.#home, "openbell.log"), "utf8").split("\n");
    return lines.filter((line) => line.includes('"login-taken-over"')).length;
  }

  /** How many access tokens the simulated broker has ever given out; to be asked of a dead process. */
  issued(): number {
    const saved = JSON.parse(readFileSync(join(this.#home, "sandbox-etrade.json"), "utf8")) as {
      accessTokens: object;
    };
    return Object.keys(saved.accessTokens).length;
  }

  /** The newest version of a connection's token in the vault, 0 for none; to be asked of a dead process. */
  async newestVersion(connection: string): Promise<number> {
    const home = await openHome(this.#home, { isFresh: false });
    const { key } = await openHomeKey(home, { OPENBELL_KEYCHAIN: "off" });
    const vault = createEncryptedVault({ path: home.path("vault.db"), masterKey: key });
    const versions = await vault.versions(`token-${connection}`);
    vault.close();
    return versions.at(-1) ?? 0;
  }
}
