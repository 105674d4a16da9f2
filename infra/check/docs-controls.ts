/** `npm run docs:controls`: writes `docs/controls.md` from the table of controls. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CONTROLS, type Control } from "../../shared/trading/risk/controls.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The page that is made from the table. */
export const CONTROLS_PAGE = join(ROOT, "docs", "controls.md");

const HEAD = `# Controls of an order

Made from \`shared/trading/risk/controls.ts\` by \`npm run docs:controls\`; a test fails when the two differ.

Before an order is written down, every control below is asked, and every one that says no is told by its code. They hold
for new orders and for those that replace others. How it is done, and why, is in
[decision 17](decisions/0017-weigh-and-reserve-in-one-transaction.md).

- **What is missing denies.** A limit that is not set or a fact that is not known stops an order that opens.
- **An order that closes is stopped by no limit.** Only the controls marked in the column *closing* can stop one: it must be
  part of a position of its bot, of a shape that the broker takes, on the right account, and trading must not be halted.
- **Latches** stay, restarts included, until a person lets the bot or the account go on. A loss makes it \`reducing\`: its
  orders that open are cancelled, and it can still close. What shows that a bot does wrong makes it \`halted\`: a bot closes
  nothing then either, the stop losses that rest at the broker stay, and the owner can close everything.
- **Warnings** are told once an order takes what is used past 50 % and 80 % of the limit; those of losses, and of
  rejections, with every order that passes while they last.

Money is the account's. A position or an order that sells is worth the ask; one that buys at a limit, its price. Percentages
of losses are of the equity at the beginning of New York's day or week, or of the highest so far; all others of the present
equity. A bot's loss counts its own positions; its drawdown is measured from its highest profit that was seen when one of
its orders was weighed.
`;

/** The page as it should be. Pure. */
export function controlsPage(controls: Readonly<Record<string, Control>>): string {
  const rows = Object.entries(controls)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { name, summary, next, stopsReductions, latches, warns }]) =>
      row([
        `\`${code}\``,
        name,
        summary,
        next,
        tick(stopsReductions),
        latches === "none" ? "" : latches,
        tick(warns),
      ]),
    );
  const table = [
    row(["code", "control", "why the order did not go", "what to do", "closing", "latches", "warns"]),
    "|---|---|---|---|---|---|---|",
    ...rows,
  ];
  return `${HEAD}\n${table.join("\n")}\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
}

function tick(is: boolean): string {
  return is ? "yes" : "";
}

if (import.meta.main) writeFileSync(CONTROLS_PAGE, controlsPage(CONTROLS));
