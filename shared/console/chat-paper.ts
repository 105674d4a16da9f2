/** Switching to paper by the owner's chat, after a tap; and back, by the typed phrase, a reason, and a tap. */
import type { TradingControl } from "../trading/control/command-trading.ts";
import { liveText, paperLines } from "../trading/control/paper-words.ts";
import { scopeText } from "../trading/control/scopes.ts";
import { botScope, EVERYTHING } from "../trading/trading-state.ts";
import { type ChatAnswer, offer, readPhrase, refuse, say } from "./chat-answers.ts";
import { askToConfirm, type ConfirmationDeps, type ConfirmedWish } from "./confirmations.ts";
import type { ApiTrading } from "./trading-api.ts";
import { switchText } from "./trading-text.ts";

export interface ChatPaperDeps extends ConfirmationDeps {
  control(): Promise<TradingControl>;
  trading(): Promise<ApiTrading>;
}

const TELEGRAM = { kind: "telegram" } as const;

/** Answers `/paper`, with what stands behind it. */
export async function askToSwitch(deps: ChatPaperDeps, rest: string): Promise<ChatAnswer> {
  const known = await (await deps.control()).scopeOf(rest);
  if (!known.ok) return refuse(known);
  const { scope } = known.value;
  const nonce = await askToConfirm(deps, { kind: "paper", scope });
  const text = `Switch what trades live of ${scopeText(scope)} to paper? It opens nothing at the broker any more then; what works there and would open is cancelled, and positions stay with their stops. The button is good for a minute.`;
  return offer(text, "Yes, switch to paper", nonce);
}

/** Answers the tap; `nonce` is the same for every delivery of it. */
export async function switchNow(
  deps: ChatPaperDeps,
  { scope }: Extract<ConfirmedWish, { kind: "paper" }>,
  nonce: string,
): Promise<ChatAnswer> {
  const wish = { scope, actor: TELEGRAM, why: "by /paper", requestId: `telegram-${nonce}` };
  const switched = await (await deps.control()).switchToPaper(wish);
  return switched.ok ? say(paperLines(switched.value).join("\n")) : refuse(switched);
}

/** Answers `/live`, with what stands behind it. */
export async function askForLivePhrase(deps: ChatPaperDeps, rest: string): Promise<ChatAnswer> {
  const known = await (await deps.control()).scopeOf(rest);
  if (!known.ok) return refuse(known);
  const { scope, livePhrase } = known.value;
  const { bots } = await deps.trading();
  const lines = bots.flatMap(({ id, account, switched }) => {
    // What it is configured on is the account beside the paper one.
    const isMeant = [EVERYTHING, botScope(id), account.replace(/^paper-/, "")].includes(scope);
    return isMeant && switched !== undefined ? [`${id}: ${switchText(switched)}`] : [];
  });
  if (lines.length === 0) return say(`No bot of ${scopeText(scope)} was switched to paper.`);
  const how = `To have it trade live again, answer with the phrase and why it is safe:\n${livePhrase} because …`;
  return say([...lines, how].join("\n").slice(0, 4_000));
}

/** Answers `LIVE GOLD because …`: the phrase is the first two words. */
export async function takeLivePhrase(deps: ChatPaperDeps, text: string): Promise<ChatAnswer> {
  const { name, reason } = readPhrase(text);
  const known = await (await deps.control()).scopeOf(name);
  if (!known.ok) return refuse(known);
  const { scope, livePhrase: phrase } = known.value;
  if (name === "" || reason === "") return say(`Say also why it is safe:\n${phrase} because …`);
  const nonce = await askToConfirm(deps, { kind: "live", scope, phrase, reason });
  const what = scopeText(scope);
  return offer(`Have ${what} trade live again? The button is good for a minute.`, `Yes, ${what} live`, nonce);
}

/** Answers the tap. */
export async function goLive(
  deps: ChatPaperDeps,
  { scope, phrase, reason }: Extract<ConfirmedWish, { kind: "live" }>,
): Promise<ChatAnswer> {
  const back = await (await deps.control()).backToLive({ scope, phrase, reason, actor: TELEGRAM });
  return back.ok ? say(`⚠️ ${liveText(back.value)}`) : refuse(back);
}
