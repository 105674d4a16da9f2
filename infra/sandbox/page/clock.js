import { ask, base, order, root } from "./api.js";
import { element, say } from "./dom.js";

const EASTERN = "America/New_York";
/** Never more often than this, also when the clock stands still shortly before a full second. */
const SHORTEST_POLL_MS = 250;

const format = (options) => new Intl.DateTimeFormat("en-US", { hourCycle: "h23", ...options });
const bigTime = format({ timeZone: EASTERN, timeStyle: "medium" });
const fullDate = format({ timeZone: EASTERN, dateStyle: "full" });
const shortTimes = ["America/Los_Angeles", "UTC"].map((timeZone) =>
  format({ timeZone, weekday: "short", hour: "2-digit", minute: "2-digit" }),
);
const dayAndTime = format({ timeZone: EASTERN, weekday: "short", hour: "2-digit", minute: "2-digit" });

/** A moment as people of the exchange say it, e.g. `Mon 08:30 ET`. */
export function momentText(iso) {
  return `${dayAndTime.format(new Date(iso)).replace(",", "")} ET`;
}

/** Shows the clock and moves it. `act` runs one order at a time and tells how it went. */
export function createClock(act) {
  const now = document.querySelector("#now");
  const date = document.querySelector("#date");
  const zones = document.querySelector("#zones");
  const marks = document.querySelector("#marks");
  const markButtons = new Map();

  function show(iso) {
    const at = new Date(iso);
    now.dateTime = iso;
    say(now, bigTime.format(at));
    say(date, fullDate.format(at));
    const [pacific, utc] = shortTimes.map((one) => one.format(at).replace(",", ""));
    say(zones, `${pacific} PT · ${utc} UTC`);
  }

  async function move(body) {
    const moved = await order(`${root}/clock`, body);
    show(moved.now);
    return `The clock stands at ${momentText(moved.now)}.`;
  }

  const start = (body) => act("Moving the clock…", () => move(body));

  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => start({ advance: button.dataset.advance }));
  }
  document.querySelector("#move").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = document.querySelector("#target").value.trim();
    if (text !== "") start(/^[+-]?P/i.test(text) ? { advance: text } : { to: text });
  });

  /** A button that goes where `find` says at the press, and shows where it would go now. */
  function offer(label, at, find) {
    const known = markButtons.get(label);
    const when = known ?? element("span", { className: "when" });
    say(when, momentText(at));
    if (known !== undefined) return;
    markButtons.set(label, when);
    const button = element("button", { type: "button", className: "button mark" }, `To ${label} `, when);
    button.addEventListener("click", () => act("Moving the clock…", async () => move({ to: await find() })));
    marks.append(button);
  }

  async function marksNow() {
    const { now: at } = await ask(`${root}/clock`);
    return ask(`${base}/marks?at=${encodeURIComponent(at)}`);
  }

  return {
    /** Shows the time, and resolves to how long the next second is away. */
    async refresh() {
      const { now: iso } = await ask(`${root}/clock`);
      show(iso);
      return Math.max(SHORTEST_POLL_MS, 1020 - (Date.parse(iso) % 1000));
    },
    async refreshMarks(jobs) {
      const { ring, open, midnight } = await marksNow();
      offer("the next ring", ring, async () => (await marksNow()).ring);
      for (const { name, nextAt } of jobs) {
        const nextRun = async () => (await ask(`${root}/jobs`)).find((job) => job.name === name).nextAt;
        offer(`the next run of ${name}`, nextAt, nextRun);
      }
      offer("the next open", open, async () => (await marksNow()).open);
      offer("midnight ET", midnight, async () => (await marksNow()).midnight);
    },
  };
}
