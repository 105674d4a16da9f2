/** Carries out the renewal: makes the calls that `steps.ts` waits for. */
import type { ApiLanding } from "../../shared/console/api.ts";
import type { ApiClient } from "./api.ts";
import { safeHref } from "./safe-href.ts";
import type { PageState } from "./state.ts";
import { advance, land, type RenewalEvent, type RenewalStep, resume } from "./steps.ts";
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
  /** Goes on where the broker's page has led back to. */
  land(landing: ApiLanding): Promise<void>;
  /** Leaves the renewal; a login that is open stays open. */
  leaveRenewal(): void;
}

export interface RenewalDeps {
  readonly api: ApiClient;
  readonly state: PageState;
  readonly watch: Watch;
  readonly monotonicMs: () => number;
  /** Leads this tab to another page. */
  navigate(address: string): void;
}

export function createRenewal(deps: RenewalDeps): Renewal {
  const { api, state, watch, monotonicMs } = deps;
  const course = createCourse(state);

  return {
    renew: (connection) => renew(deps, course, connection),
    resumePin(id) {
      const connection = connectionIn(state, id);
      if (connection) course.enter(resume(connection, monotonicMs()));
    },
    async sendPin(pin) {
      const step = state.renewal.value;
      if (step?.step !== "pin" || step.isSending) return;
      const isMine = course.stay();
      course.apply({ type: "pin-sent" });
      const answer = await api.sendPin({
        connection: step.connection,
        authorization: step.authorization.id,
        pin,
      });
      if (!isMine()) return;
      if (answer.ok) course.apply({ type: "accepted", accepted: answer.value, atMs: monotonicMs() });
      else course.apply({ type: "not-accepted", problem: answer.problem });
      await watch.look();
    },
    async comeBack({ requestToken, verifier }) {
      const isMine = course.enter({ step: "returning", requestToken, verifier });
      const answer = await api.sendCallback(requestToken, verifier);
      if (!isMine()) return;
      if (answer.ok) course.apply({ type: "accepted", accepted: answer.value, atMs: monotonicMs() });
      else course.apply({ type: "not-accepted", problem: answer.problem });
      await watch.look();
    },
    async land(landing) {
      const status = state.status.value;
      if (status === undefined) return;
      course.enter(land(status, landing, monotonicMs()));
      await watch.look();
    },
    leaveRenewal() {
      course.enter(undefined);
    },
  };
}

async function renew(deps: RenewalDeps, course: Course, connection: string): Promise<void> {
  const { api, state, watch, monotonicMs, navigate } = deps;
  if (state.renewal.value?.step === "starting") return;
  const isMine = course.enter({ step: "starting", connection });
  const answer = await api.beginAuthorization(connection);
  if (!isMine()) return;
  if (!answer.ok) {
    course.apply({ type: "not-begun", problem: answer.problem });
    return watch.look();
  }
  const known = connectionIn(state, connection);
  const isRedirect = known?.login === "redirect";
  const generation = known?.token.generation ?? 0;
  const authorization = answer.value;
  course.apply({ type: "begun", authorization, isRedirect, generation, atMs: monotonicMs() });
  const address = isRedirect ? safeHref(authorization.authorizeUrl) : undefined;
  if (address !== undefined) navigate(address);
  await watch.look();
}

/** The steps in force. Answers that come after the owner has left, or begun anew, belong to nothing. */
interface Course {
  /** Replaces the step; gives back how to ask whether it still counts. */
  enter(step: RenewalStep | undefined): () => boolean;
  /** How to ask whether what counts now still does. */
  stay(): () => boolean;
  apply(event: RenewalEvent): void;
}

function createCourse(state: PageState): Course {
  let run = 0;
  const stay = () => {
    const mine = run;
    return () => mine === run;
  };
  return {
    enter(step) {
      state.renewal.value = step;
      run += 1;
      return stay();
    },
    stay,
    apply(event) {
      if (state.renewal.value !== undefined) state.renewal.value = advance(state.renewal.value, event);
    },
  };
}

function connectionIn(state: PageState, id: string) {
  return state.status.value?.connections.find((connection) => connection.id === id);
}
