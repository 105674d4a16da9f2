import type { ApiAccount, ApiBot, ApiTick, ApiWhy } from "../../../../shared/console/trading-api.ts";
import { counted } from "../../figures.ts";
import type { TimeFormat } from "../../time-format.ts";
import type { Trading } from "../../trading.ts";
import { describeBot, noTickText, reasonTitle, switchedText } from "../../trading-words.ts";
import { ToneIcon } from "../icons.tsx";
import { ProblemNote } from "../problem-note.tsx";
import { MoneyBadge } from "./badge.tsx";
import { LossBar } from "./loss-bar.tsx";

interface BotCardProps {
  readonly trading: Trading;
  readonly bot: ApiBot;
  readonly account: ApiAccount | undefined;
  readonly nowMs: number;
  readonly time: TimeFormat;
}

/** One bot: what kind of money it trades, how it stands, and why its last tick ended as it did. */
export function BotCard({ trading, bot, account, nowMs, time }: BotCardProps) {
  const standing = describeBot(bot, account);
  const { positions, workingOrders, tradesToday } = bot;
  return (
    <article class={`card connection edge-${standing.tone}`} aria-labelledby={`bot-${bot.id}`}>
      <header class="connection-head">
        <h3 id={`bot-${bot.id}`}>{bot.id}</h3>
        <MoneyBadge badge={bot.badge} />
      </header>
      <p class="bot-what">
        {bot.strategy} · {bot.instruments.join(", ")}
      </p>
      {bot.switched && (
        <p class="bot-what text-pending">
          {switchedText(bot.switched)} · {time.moment(bot.switched.at, nowMs)}
        </p>
      )}
      <div class="standing">
        <ToneIcon tone={standing.tone} />
        <p>
          <strong class={`text-${standing.tone}`}>{standing.title}</strong>
          <span>{standing.note}</span>
        </p>
      </div>
      <LossBar day={bot.day} currency={bot.currency} />
      <dl class="facts counts">
        <Count name="Positions" of={positions} />
        <Count name="Working orders" of={workingOrders} />
        <Count name="Trades today" of={tradesToday} />
      </dl>
      <LastTick bot={bot} nowMs={nowMs} time={time} />
      <WhyToday trading={trading} bot={bot} time={time} nowMs={nowMs} />
    </article>
  );
}

function Count({ name, of }: { readonly name: string; readonly of: ApiBot["positions"] }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{of.limit === undefined ? of.count : `${of.count} of ${of.limit}`}</dd>
    </div>
  );
}

interface Timed {
  readonly nowMs: number;
  readonly time: TimeFormat;
}

function LastTick({ bot, nowMs, time }: Timed & { readonly bot: ApiBot }) {
  const { lastTick, nextTick } = bot;
  const next = nextTick === undefined ? "never" : time.moment(nextTick, nowMs).replace(/:\d\d$/, "");
  return (
    <div class="tick">
      <p class="tick-when">
        {lastTick === undefined ? noTickText(bot, nowMs) : `Tick of ${minute(time, lastTick.instant, nowMs)}`}{" "}
        · next {next}
      </p>
      {lastTick !== undefined && (
        <p class="tick-text">
          <strong>{reasonTitle(lastTick.reason)}.</strong> {lastTick.text}
        </p>
      )}
    </div>
  );
}

function minute(time: TimeFormat, instant: string, nowMs: number): string {
  return time.moment(instant, nowMs).replace(/:\d\d$/, "");
}

type WhyProps = Timed & { readonly trading: Trading; readonly bot: ApiBot };

const LATEST_SHOWN = 5;

/** The day's ticks counted by reason; asked for when it is opened. */
function WhyToday({ trading, bot, time, nowMs }: WhyProps) {
  const said = trading.state.why.value.get(bot.id);
  return (
    <details
      class="why"
      onToggle={(event) => {
        if ((event.currentTarget as HTMLDetailsElement).open) void trading.askWhy(bot.id);
      }}
    >
      <summary>Why, today</summary>
      {said === undefined || said === "asked" ? (
        <p role="status">Counting…</p>
      ) : "kind" in said ? (
        <ProblemNote problem={said} />
      ) : (
        <WhyDay why={said} time={time} nowMs={nowMs} />
      )}
    </details>
  );
}

function WhyDay({ why, time, nowMs }: Timed & { readonly why: ApiWhy }) {
  const { due, missed, closed, reasons, latest } = why;
  return (
    <>
      <p>{closed ?? dueText(due, missed)}</p>
      <ul class="reasons">
        {reasons.map(({ reason, count, summary }) => (
          <li key={reason}>
            <span class="figure">{count}</span>
            <span>
              <strong>{reasonTitle(reason)}.</strong> {summary}
            </span>
          </li>
        ))}
      </ul>
      {latest.length > 0 && (
        <ol class="ticks">
          {latest.slice(0, LATEST_SHOWN).map((tick, index) => (
            <TickLine key={tick.instant} tick={tick} isWhole={index === 0} time={time} nowMs={nowMs} />
          ))}
        </ol>
      )}
    </>
  );
}

function dueText(due: number, missed: number): string {
  if (due === 0) return "Not due yet.";
  return `Due ${counted(due, "time")} so far${missed === 0 ? "." : `; nobody ran ${missed}.`}`;
}

/** `isWhole`: with what was so of each instrument. */
function TickLine({
  tick,
  isWhole,
  time,
  nowMs,
}: Timed & { readonly tick: ApiTick; readonly isWhole: boolean }) {
  return (
    <li>
      <span class="tick-when">{minute(time, tick.instant, nowMs)}</span>{" "}
      <strong>{reasonTitle(tick.reason)}.</strong> {tick.text}
      {isWhole && tick.instruments !== undefined && (
        <ul>
          {tick.instruments.map((one) => (
            <li key={one.instrument}>
              {one.instrument}: {one.text}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
