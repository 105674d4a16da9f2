const base = document.body.dataset.base;
const log = document.querySelector("#log");
const empty = document.querySelector("#empty");
const line = document.querySelector("#line");
const note = document.querySelector("#note");
const composer = document.querySelector("#composer");
const field = document.querySelector("#text");

const NOTE_MS = 4000;
const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayName = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

// What scrolls must be reachable by keyboard.
log.tabIndex = 0;

const articles = new Map();
let lastDay = "";
let noteTimer = 0;

const events = new EventSource(`${base}/events`);
events.addEventListener("open", () => say(line, "Nothing here leaves this machine"));
events.addEventListener("error", () => say(line, "Reconnecting…"));
events.addEventListener("conversation", ({ data }) => showAll(JSON.parse(data)));
events.addEventListener("posted", ({ data }) => append(JSON.parse(data), true));
events.addEventListener("edited", ({ data }) => replace(JSON.parse(data)));
events.addEventListener("note", ({ data }) => showNote(JSON.parse(data).text));

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (text === "") return;
  field.value = "";
  send(text);
});
for (const chip of composer.querySelectorAll("[data-text]")) {
  chip.addEventListener("click", () => send(chip.dataset.text));
}

async function send(text) {
  const isSent = await post("send", { text });
  if (isSent) return;
  showNote("Not sent. Is the sandbox still running?");
  if (field.value === "") field.value = text;
}

/** Resolves to whether the sandbox took it. */
async function post(call, body) {
  try {
    const response = await fetch(`${base}/${call}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.ok;
  } catch {
    return false;
  }
}

function showAll(entries) {
  for (const child of [...log.children]) if (child !== empty) child.remove();
  articles.clear();
  lastDay = "";
  // What was there before is history, not news: a screen reader is not to read all of it.
  log.setAttribute("aria-live", "off");
  for (const entry of entries) append(entry, false);
  empty.hidden = entries.length > 0;
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
}

function append(entry, isNews) {
  empty.hidden = true;
  const day = dayName.format(new Date(entry.at));
  if (day !== lastDay) log.append(element("p", "day", day));
  lastDay = day;
  const article = draw(entry);
  if (isNews) article.classList.add("fresh");
  articles.set(entry.id, article);
  log.append(article);
  log.scrollTop = log.scrollHeight;
}

function replace(entry) {
  const old = articles.get(entry.id);
  if (old === undefined) return;
  const article = draw(entry);
  articles.set(entry.id, article);
  old.replaceWith(article);
}

function draw(entry) {
  const article = element("article", `message ${entry.from}`);
  article.setAttribute("aria-label", entry.from === "owner" ? "You" : "Openbell");
  const bubble = element("div", "bubble");
  const time = element("time", "time", clockTime.format(new Date(entry.at)));
  time.dateTime = entry.at;
  bubble.append(element("p", "text", entry.text), time);
  article.append(bubble);
  for (const buttons of entry.buttons) {
    const row = element("div", "row");
    row.append(...buttons.map((button) => drawButton(entry.id, button)));
    article.append(row);
  }
  return article;
}

function drawButton(messageId, button) {
  if (button.url !== undefined) {
    const link = element("a", "button", button.text);
    link.href = button.url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  }
  const press = element("button", "button", button.text);
  press.type = "button";
  press.addEventListener("click", async () => {
    if (press.getAttribute("aria-disabled") === "true") return;
    press.setAttribute("aria-disabled", "true");
    const isTapped = await post("tap", { messageId, callbackData: button.callbackData });
    press.removeAttribute("aria-disabled");
    if (!isTapped) showNote("That button does nothing any more.");
  });
  return press;
}

function showNote(text) {
  say(note, text);
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => say(note, ""), NOTE_MS);
}

function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
