import { ask, Problem, root } from "./api.js";
import { createClock } from "./clock.js";
import { element, say } from "./dom.js";
import { createJobs } from "./jobs.js";
import { createBoards } from "./switches.js";

const REFRESH_MS = 5000;
const NOTE_MS = 8000;

const line = document.querySelector("#line");
const note = document.querySelector("#note");
let isBusy = false;
let noteTimer = 0;

const clock = createClock(act);
const jobs = createJobs(act);
const boards = createBoards(act);

/** Runs one order, tells how it went, and resolves to whether it was done. A second one meanwhile waits its turn. */
async function act(before, work) {
  if (isBusy) {
    tell("Still busy with the last order.");
    return false;
  }
  isBusy = true;
  document.body.setAttribute("aria-busy", "true");
  tell(before, { stays: true });
  try {
    tell(await work());
    return true;
  } catch (error) {
    tell(wordsFor(error), { stays: true });
    return false;
  } finally {
    isBusy = false;
    document.body.removeAttribute("aria-busy");
    refresh().catch(() => undefined);
  }
}

/** Good news goes by itself; what went wrong stays until the next order. */
function tell(text, { stays = false } = {}) {
  clearTimeout(noteTimer);
  say(note, text);
  if (!stays) noteTimer = setTimeout(() => say(note, ""), NOTE_MS);
}

function wordsFor(error) {
  return error instanceof Problem ? error.message : "The page has met something unexpected. Load it again.";
}

async function refresh() {
  const views = await ask(`${root}/jobs`);
  jobs.show(views);
  await Promise.all([clock.refreshMarks(views), boards.refresh()]);
}

/** Ticks with the seconds of the sandbox's clock. */
async function tick() {
  let nextMs = 1000;
  try {
    nextMs = await clock.refresh();
    say(line, "Nothing here leaves this machine");
  } catch (error) {
    say(line, wordsFor(error));
  }
  setTimeout(tick, nextMs);
}

async function repeat() {
  // What fails here shows on the line at the top, by the clock.
  if (!isBusy) await refresh().catch(() => undefined);
  setTimeout(repeat, REFRESH_MS);
}

function describe(title, facts) {
  const rows = Object.entries(facts).map(([name, value]) =>
    element(
      "div",
      { className: "fact" },
      element("dt", {}, name),
      element("dd", {}, copyable(name, typeof value === "object" ? JSON.stringify(value) : String(value))),
    ),
  );
  return [element("h3", {}, title), element("dl", { className: "facts" }, ...rows)];
}

function copyable(name, value) {
  const button = element("button", { type: "button", className: "chip" }, "Copy");
  button.setAttribute("aria-label", `Copy ${name}`);
  button.addEventListener("click", () =>
    navigator.clipboard.writeText(value).then(
      () => tell(`${name} is copied.`),
      () => tell("The browser does not allow copying."),
    ),
  );
  const wrap = document.createDocumentFragment();
  wrap.append(element("code", {}, value), button);
  return wrap;
}

/** What does not change while the sandbox runs. */
async function introduce() {
  const { console: consoleUrl, etrade, ctrader, telegram, perplexity } = await ask(root);
  document.querySelector("#console").href = consoleUrl;
  const access = document.querySelector("#access");
  access.replaceChildren(
    ...describe("Simulated broker", etrade),
    ...describe("Simulated cTrader", ctrader),
    ...describe("Simulated phone", telegram),
    ...describe("Simulated Perplexity", perplexity),
  );
}

/** Shows the page when all of it is there, so that nothing moves under the reader's finger. */
async function start() {
  try {
    await introduce();
    await Promise.all([refresh(), clock.refresh()]);
  } catch (error) {
    say(line, wordsFor(error));
    setTimeout(start, 1000);
    return;
  }
  document.querySelector("#main").hidden = false;
  tick();
  setTimeout(repeat, REFRESH_MS);
}

start();
