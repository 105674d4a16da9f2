/**
 * What the owner can do about trading: stop it, let it only close, close what is open, switch it to paper, and let it
 * go on.
 */
import type { ApiClosing, ApiOnPaper, ApiStanding } from "../../shared/console/control-api.ts";
import type { Answer } from "./api.ts";
import type { Schedule } from "./poller.ts";
import type { TradingClient } from "./trading-client.ts";
import type { TradingState } from "./trading-state.ts";
import type { TradingWatch } from "./trading-watch.ts";

export interface TradingControl {
  /** The first press. It is forgotten after five seconds. */
  arm(): void;
  disarm(): void;
  /** The second press; without a first one it does nothing. */
  kill(): Promise<void>;
  /** Sends the same wish again, of which nobody knows whether it arrived. */
  killAgain(): Promise<void>;
  reduce(): Promise<void>;
  closeAll(): Promise<void>;
  resume(wish: TypedWish): Promise<void>;
  /** Has everything that trades live trade on paper. */
  paper(): Promise<void>;
  /** Brings back to live what was switched. */
  live(wish: TypedWish): Promise<void>;
}

/** What loosens something: by the typed phrase, with a reason. */
export interface TypedWish {
  readonly scope: string;
  readonly phrase: string;
  readonly reason: string;
}

export interface TradingControlDeps {
  readonly client: TradingClient;
  readonly state: TradingState;
  readonly watch: Pick<TradingWatch, "look" | "follow">;
  readonly schedule: Schedule;
  /** A random text that is never given twice. */
  readonly newId: () => string;
}

const ARMED_FOR_MS = 5_000;
/** Two taps in a row that a shaking finger makes are one. */
const READY_AFTER_MS = 300;

export function createTradingControl(deps: TradingControlDeps): TradingControl {
  const { client, state, watch } = deps;
  const arming = createArming(deps);
  const sendPaper = createPaperSender(deps);
  let requestId: string | undefined;

  async function send(): Promise<void> {
    requestId ??= deps.newId();
    state.kill.value = { kind: "sending" };
    let answer = await sendWish(client, requestId);
    if (answer.ok && answer.value.isLifted === true) {
      // An old wish of which nobody knew that it had arrived. Who presses now wants to stop now.
      requestId = deps.newId();
      answer = await sendWish(client, requestId);
    }
    if (answer.ok) {
      requestId = undefined;
      state.command.value = { kind: "idle" };
      state.receipt.value = answer.value;
      state.kill.value = { kind: "told" };
      if (answer.value.isOpen) watch.follow(answer.value.id);
      await watch.look();
      state.kill.value = { kind: "idle" };
    } else {
      state.kill.value = { kind: "failed", problem: answer.problem };
    }
  }

  async function run<T>(ask: () => Promise<Answer<T>>, tell: (value: T) => string): Promise<void> {
    if (state.command.peek().kind === "running") return;
    state.command.value = { kind: "running" };
    const answer = await ask();
    await watch.look();
    state.command.value = answer.ok
      ? { kind: "done", text: tell(answer.value) }
      : { kind: "failed", problem: answer.problem };
  }

  return {
    ...arming,
    async kill() {
      const step = state.kill.peek();
      if (step.kind !== "armed" || !step.isReady) return;
      arming.disarm();
      await send();
    },
    async killAgain() {
      if (state.kill.peek().kind === "failed") await send();
    },
    reduce: () => run(client.reduce, () => "From now on only orders that close go out."),
    closeAll: () => run(client.closeAll, closingText),
    resume: (wish) => run(() => client.resume(wish), resumedText),
    paper: () => run(sendPaper, paperText),
    live: (wish) =>
      run(
        () => client.live(wish),
        ({ bots }) => `Live again: ${bots.join(", ")}.`,
      ),
  };
}

/** Sends the same wish until an answer has come. */
function createPaperSender({ client, newId }: TradingControlDeps): () => Promise<Answer<ApiOnPaper>> {
  const reason = "by a button of the page";
  let requestId: string | undefined;
  return async () => {
    requestId ??= newId();
    let answer = await client.paper({ requestId, reason });
    if (answer.ok && answer.value.backSince.length > 0) {
      // An old wish of which nobody knew that it had arrived. Who presses now wants it now.
      requestId = newId();
      answer = await client.paper({ requestId, reason });
    }
    if (answer.ok) requestId = undefined;
    return answer;
  };
}

function sendWish(client: TradingClient, requestId: string) {
  return client.kill({ requestId, reason: "the Stop button was pressed" });
}

function resumedText({ stillHalted = [] }: ApiStanding): string {
  if (stillHalted.length === 0) return "Trading goes on.";
  const accounts = stillHalted.map(({ account }) => account).join(", ");
  return `Trading goes on, but not on ${accounts}: no broker has confirmed the kill there yet.`;
}

function closingText({ accounts }: ApiClosing): string {
  const orders = accounts.reduce((sum, one) => sum + one.orders, 0);
  const left = accounts.reduce((sum, one) => sum + one.left, 0);
  const closing = orders === 1 ? "1 order closes" : `${orders} orders close`;
  const others = left === 0 ? "" : ` ${left} not ours ${left === 1 ? "is" : "are"} left alone.`;
  return `${orders === 0 ? "There is nothing of ours to close" : `${closing} what is open`}.${others}`;
}

function paperText({ switched, already, left }: ApiOnPaper): string {
  if (switched.length + already.length === 0) return "Nothing traded live: there was nothing to switch.";
  const stays = left.map(({ bot, account }) => `${bot} keeps what it has open on ${account}`);
  const said = switched.length === 0 ? "All were on paper already" : `On paper now: ${switched.join(", ")}`;
  return [said, ...stays].map((one) => `${one}.`).join(" ");
}

function createArming({ state, schedule }: TradingControlDeps) {
  let callOff: (() => void)[] = [];
  function disarm(): void {
    for (const off of callOff) off();
    callOff = [];
    if (state.kill.peek().kind === "armed") state.kill.value = { kind: "idle" };
  }
  return {
    disarm,
    arm(): void {
      const { kind } = state.kill.peek();
      if (kind === "armed" || kind === "sending") return;
      state.kill.value = { kind: "armed", isReady: false };
      callOff = [
        schedule(() => {
          if (state.kill.peek().kind === "armed") state.kill.value = { kind: "armed", isReady: true };
        }, READY_AFTER_MS),
        schedule(disarm, ARMED_FOR_MS),
      ];
    },
  };
}
