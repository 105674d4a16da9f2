import type { ApiBot, ApiTrading } from "../../../../shared/console/trading-api.ts";
import { counted, money, signed } from "../../figures.ts";
import type { TimeFormat } from "../../time-format.ts";
import type { Trading } from "../../trading.ts";
import type { Command } from "../../trading-state.ts";
import {
  describeTrading,
  holdText,
  isStale,
  receiptLine,
  receiptTitle,
  scopeName,
  switchedText,
} from "../../trading-words.ts";
import { ToneIcon } from "../icons.tsx";
import { ProblemNote } from "../problem-note.tsx";
import { ViewHeading } from "../view-heading.tsx";
import { MoneyBadge } from "./badge.tsx";
import { ResumeForm } from "./resume-form.tsx";
import { TwoTap } from "./two-tap.tsx";

interface ControlCardProps {
  readonly trading: Trading;
  readonly report: ApiTrading;
  readonly nowMs: number;
  readonly time: TimeFormat;
  readonly takesFocus: boolean;
}

/** How trading stands as a whole, what stops it, what a stop has come to, and what can be done. */
export function ControlCard({ trading, report, nowMs, time, takesFocus }: ControlCardProps) {
  const { tone, title } = describeTrading(report, nowMs);
  const command = trading.state.command.value;
  const isBusy = command.kind === "running";
  return (
    <section class="card control" aria-label="How trading stands">
      <div class="attention-head">
        <ToneIcon tone={tone} />
        <ViewHeading takesFocus={takesFocus}>{title.charAt(0).toUpperCase() + title.slice(1)}</ViewHeading>
      </div>
      <p class="control-note">{noteOf(report, nowMs, time)}</p>
      <Totals totals={report.totals} />
      <Stops trading={trading} report={report} nowMs={nowMs} time={time} />
      <div class="control-buttons">
        <TwoTap
          label="Only close from now on"
          armedLabel="Yes, open nothing new"
          isDisabled={isBusy || report.state !== "active"}
          run={() => void trading.reduce()}
        />
        <TwoTap
          label="Close all positions"
          armedLabel="Yes, close all at the market"
          isDisabled={isBusy || report.positions.length === 0}
          run={() => void trading.closeAll()}
        />
        {report.bots.some(isConfiguredLive) && (
          <TwoTap
            label="Switch to paper"
            armedLabel="Yes, all bots to paper"
            isDisabled={isBusy || !report.bots.some(isLiveNow)}
            run={() => void trading.paper()}
          />
        )}
      </div>
      <Outcome trading={trading} report={report} command={command} />
    </section>
  );
}

function isLiveNow({ badge }: ApiBot): boolean {
  return badge !== "paper";
}

function isConfiguredLive(bot: ApiBot): boolean {
  return isLiveNow(bot) || bot.switched !== undefined;
}

function noteOf(report: ApiTrading, nowMs: number, time: TimeFormat): string {
  const asOf = `as of ${time.clock(report.now)}`;
  if (isStale(report, nowMs)) return `This is ${asOf}; nothing newer has come.`;
  const open = report.bots.filter((bot) => bot.session.isOpen).length;
  return `${counted(report.bots.length, "bot")}, ${open} in session · ${asOf}`;
}

/** Sums by the kind of money: play money and real money are never added. */
function Totals({ totals }: Pick<ApiTrading, "totals">) {
  return (
    <dl class="totals">
      {totals.map(({ badge, currency, equity, dayNet }) => (
        <div key={`${badge} ${currency}`}>
          <dt>
            <MoneyBadge badge={badge} />
          </dt>
          <dd class="figure">{money(equity, currency)}</dd>
          <dd class="figure">today {signed(dayNet)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the last command or the stop has come to; room for it is kept, so that nothing moves when it comes. */
function Outcome({
  trading,
  report,
  command,
}: Pick<ControlCardProps, "trading" | "report"> & { readonly command: Command }) {
  if (command.kind === "failed") return <ProblemNote problem={command.problem} />;
  const receipt = receiptOf(trading, report);
  return (
    <p class="outcome-line" role="status">
      {command.kind === "running" && "Asking…"}
      {command.kind === "done" && command.text}
      {command.kind === "idle" && receipt !== undefined && (
        <>
          <ToneIcon tone={receipt.isOpen ? "pending" : "good"} />
          <strong>{receiptTitle(receipt)}</strong>
        </>
      )}
    </p>
  );
}

function receiptOf({ state }: Trading, report: ApiTrading) {
  return report.state === "halted" ? state.receipt.value : undefined;
}

type StopsProps = Pick<ControlCardProps, "trading" | "report" | "nowMs" | "time">;

/** What is stopped or switched to paper, on one line of the same height whatever it says; the rest is behind it. */
function Stops({ trading, report, nowMs, time }: StopsProps) {
  const { holds } = report;
  const switched = report.bots.flatMap((bot) =>
    bot.switched === undefined ? [] : [{ bot: bot.id, by: bot.switched }],
  );
  if (holds.length + switched.length === 0) return <p class="stops stops-none">Nothing is stopped.</p>;
  return (
    <details class="stops">
      <summary>Why, and how it goes on</summary>
      <ul class="holds plain">
        {holds.map((hold) => (
          <li key={hold.scope}>
            <p>
              <strong>{scopeName(hold.scope)}.</strong> {holdText(hold)}{" "}
              <span class="tick-when">{time.moment(hold.at, nowMs)}</span>
            </p>
            <ResumeForm
              key={hold.at}
              {...{ scope: hold.scope, phrase: hold.phrase, readyAt: hold.resumableAt, nowMs }}
              question="Why may it go on?"
              label="Go on"
              send={(wish) => void trading.resume(wish)}
            />
          </li>
        ))}
        {switched.map(({ bot, by }) => (
          <li key={`switched ${bot}`}>
            <p>
              <strong>{bot}.</strong> {switchedText(by)}{" "}
              <span class="tick-when">{time.moment(by.at, nowMs)}</span>
            </p>
            <ResumeForm
              key={by.at}
              {...{ scope: `bot:${bot}`, phrase: by.phrase, readyAt: by.liveAgainAt, nowMs }}
              question="Why may it trade live?"
              label="Trade live again"
              send={(wish) => void trading.live(wish)}
            />
          </li>
        ))}
      </ul>
      <Receipt trading={trading} report={report} />
    </details>
  );
}

function Receipt({ trading, report }: Pick<ControlCardProps, "trading" | "report">) {
  const receipt = receiptOf(trading, report);
  if (receipt === undefined) return null;
  return (
    <dl class="receipt">
      {receipt.parts.map((part) => (
        <div key={part.account}>
          <dt>{part.account}</dt>
          <dd>{receiptLine(part)}</dd>
        </div>
      ))}
    </dl>
  );
}
