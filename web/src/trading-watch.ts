/** Watches trading while the owner is inside: the report, the curves, and the receipt of the kill that holds. */
import { batch, effect } from "@preact/signals";
import { createPoller, type Schedule } from "./poller.ts";
import type { PageState } from "./state.ts";
import type { TradingClient } from "./trading-client.ts";
import { planReceiptPoll, planTradingPoll } from "./trading-plan.ts";
import { forgetTrading, type TradingState } from "./trading-state.ts";

export interface TradingWatch {
  /** Looks at once. */
  look(): Promise<void>;
  /** The page was hidden or shown, or has got its network back. */
  visibilityChanged(): void;
  /** Keeps looking at a kill's receipt until every account is confirmed. */
  follow(id: string): void;
  /** Asks why a bot did what it did today. */
  askWhy(bot: string): Promise<void>;
}

export interface TradingWatchDeps {
  readonly client: TradingClient;
  readonly state: TradingState;
  readonly page: Pick<PageState, "door" | "view">;
  readonly monotonicMs: () => number;
  readonly schedule: Schedule;
  readonly isHidden: () => boolean;
}

/** A point of the curve comes each minute. */
const CURVE_EVERY_MS = 60_000;

export function createTradingWatch(deps: TradingWatchDeps): TradingWatch {
  const { client, state, page, schedule, isHidden } = deps;
  const isInside = () => page.door.peek().kind === "inside";
  const isShown = () => page.view.peek() === "trading";
  const follower = createFollower(deps);
  const curves = createCurves(deps);

  async function ask(): Promise<void> {
    if (!isInside()) return;
    const answer = await client.trading();
    if (!isInside()) return;
    batch(() => {
      if (answer.ok) state.report.value = answer.value;
      state.problem.value = answer.ok ? undefined : answer.problem;
    });
    const kill = state.report.peek()?.holds.find(({ scope }) => scope === "all")?.kill;
    if (kill !== undefined && state.receipt.peek()?.id !== kill) follower.follow(kill);
    if (isShown()) void curves.look();
  }

  const poller = createPoller({
    ask,
    plan: () =>
      isInside()
        ? planTradingPoll({
            isHidden: isHidden(),
            isShown: isShown(),
            report: state.report.peek(),
            problem: state.problem.peek(),
          })
        : undefined,
    schedule,
  });

  effect(() => {
    if (page.door.value.kind === "inside") void poller.now();
    else {
      follower.stop();
      forgetTrading(state);
    }
  });
  effect(() => {
    if (page.view.value === "trading") void poller.now();
  });

  return {
    look: () => poller.now(),
    visibilityChanged() {
      if (isHidden()) poller.replan();
      else void poller.now();
    },
    follow: follower.follow,
    async askWhy(bot) {
      const put = (said: TradingState["why"]["value"] extends ReadonlyMap<string, infer T> ? T : never) => {
        state.why.value = new Map(state.why.peek()).set(bot, said);
      };
      if (!state.why.peek().has(bot)) put("asked");
      const answer = await client.why(bot);
      put(answer.ok ? answer.value : answer.problem);
    },
  };
}

function createFollower({ client, state, schedule }: TradingWatchDeps) {
  let following: string | undefined;
  let callOff = () => {};

  async function look(id: string, looks: number): Promise<void> {
    const answer = await client.receipt(id);
    if (following !== id) return;
    if (answer.ok) state.receipt.value = answer.value;
    if (answer.ok && !answer.value.isOpen) {
      following = undefined;
      return;
    }
    callOff = schedule(() => void look(id, looks + 1), planReceiptPoll(looks));
  }

  return {
    follow(id: string): void {
      if (following === id) return;
      callOff();
      following = id;
      void look(id, 0);
    },
    stop(): void {
      callOff();
      following = undefined;
    },
  };
}

function createCurves({ client, state, monotonicMs }: TradingWatchDeps) {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  return {
    async look(): Promise<void> {
      const accounts = state.report.peek()?.accounts ?? [];
      const isDue = monotonicMs() - askedAtMs >= CURVE_EVERY_MS || state.equity.peek().size === 0;
      if (accounts.length === 0 || !isDue) return;
      askedAtMs = monotonicMs();
      const answers = await Promise.all(accounts.map(({ id }) => client.equity(id)));
      const known = new Map(state.equity.peek());
      for (const answer of answers) if (answer.ok) known.set(answer.value.account, answer.value);
      state.equity.value = known;
    },
  };
}
