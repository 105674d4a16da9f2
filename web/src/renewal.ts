/** Carries out the renewal: makes the calls that `steps.ts` waits for. */
import type { ApiClient } from "./api.ts";
import type { PageState } from "./state.ts";
import { advance, type RenewalEvent, type RenewalStep, resume } from "./steps.ts";
import type { Watch } from "./watch.ts";

export interface Renewal {
  /** Asks the broker for a login. */
  renew(connection: string): Promise<void>;
  /** Goes to the PIN step of a login that is already open. */
  resumePin(connection: string): void;
  /** A second call while the first is under way does nothing. */
  sendPin(pin: string): Promise<void>;
  /** Hands in the code with which the broker's page sent the owner back. */
  comeBack(callback: { readonly requestToken: string; readonly verifier: string }): Promise<void>;
  /** Leaves the renewal; a login that is open stays open. */
  leaveRenewal(): void;
}

export interface RenewalDeps {
  readonly api: ApiClient;
  readonly state: PageState;
  readonly watch: Watch;
  readonly monotonicMs: () => number;
}

export function createRenewal({ api, state, watch, monotonicMs }: RenewalDeps): Renewal {
  /** Answers that come after the owner has left, or begun anew, belong to nothing. */
  let run = 0;

  function enterStep(step: RenewalStep | undefined): number {
    state.renewal.value = step;
    run += 1;
    return run;
  }

  function apply(event: RenewalEvent): void {
    if (state.renewal.value !== undefined) state.renewal.value = advance(state.renewal.value, event);
  }

  function connectionOf(id: string) {
    return state.status.value?.connections.find((connection) => connection.id === id);
  }

  return {
    async renew(connection) {
      if (state.renewal.value?.step === "starting") return;
      const mine = enterStep({ step: "starting", connection });
      const answer = await api.beginAuthorization(connection);
      if (mine !== run) return;
      const generation = connectionOf(connection)?.token.generation ?? 0;
      if (answer.ok) apply({ type: "begun", authorization: answer.value, generation, atMs: monotonicMs() });
      else apply({ type: "not-begun", problem: answer.problem });
      await watch.look();
    },
    resumePin(id) {
      const connection = connectionOf(id);
      if (connection) enterStep(resume(connection, monotonicMs()));
    },
    async sendPin(pin) {
      const step = state.renewal.value;
      if (step?.step !== "pin" || step.isSending) return;
      const mine = run;
      apply({ type: "pin-sent" });
      const answer = await api.sendPin({
        connection: step.connection,
        authorization: step.authorization.id,
        pin,
      });
      if (mine !== run) return;
      if (answer.ok) apply({ type: "accepted", accepted: answer.value, atMs: monotonicMs() });
      else apply({ type: "not-accepted", problem: answer.problem });
      await watch.look();
    },
    async comeBack({ requestToken, verifier }) {
      const mine = enterStep({ step: "returning", requestToken, verifier });
      const answer = await api.sendCallback(requestToken, verifier);
      if (mine !== run) return;
      if (answer.ok) apply({ type: "accepted", accepted: answer.value, atMs: monotonicMs() });
      else apply({ type: "not-accepted", problem: answer.problem });
      await watch.look();
    },
    leaveRenewal() {
      enterStep(undefined);
    },
  };
}
