import type { Problem } from "../api.ts";
import type { App } from "../app.ts";
import type { Door } from "../state.ts";
import { ProblemNote } from "./problem-note.tsx";
import { ViewHeading } from "./view-heading.tsx";

/** What is shown to somebody who is not inside yet. */
export function DoorView({
  app,
  door,
}: {
  readonly app: App;
  readonly door: Exclude<Door, { kind: "inside" }>;
}) {
  switch (door.kind) {
    case "opening":
      return (
        <p class="opening" role="status">
          Opening…
        </p>
      );
    case "unreachable":
      return <UnreachableView app={app} problem={app.state.connectivity.value.problem} />;
    case "cookie-refused":
      return <CookieRefusedView app={app} />;
    case "link-needed":
      return <LinkView app={app} door={door} key={door.reason} />;
    default:
      return door satisfies never;
  }
}

function UnreachableView({ app, problem }: { readonly app: App; readonly problem: Problem | undefined }) {
  return (
    <section class="door">
      <ViewHeading>Openbell could not be reached</ViewHeading>
      <p>Nothing is lost. The page keeps trying by itself.</p>
      <ProblemNote problem={problem} />
      <button type="button" class="button primary" onClick={() => void app.retry()}>
        Try again
      </button>
    </section>
  );
}

function CookieRefusedView({ app }: { readonly app: App }) {
  return (
    <section class="door">
      <ViewHeading>This browser refused the session cookie</ViewHeading>
      <p>Your link was good, but the browser does not keep the cookie that signs you in.</p>
      <ul>
        <li>Private window or blocked cookies: open the next link in a normal window.</li>
        <li>Safari over plain http: use the https address, or another browser on this machine.</li>
      </ul>
      <p>The link is used up now; ask for a fresh one after that.</p>
      <button type="button" class="button primary" onClick={() => app.askForLink()}>
        Get a fresh link
      </button>
    </section>
  );
}

const REASONS = {
  spent: {
    title: "This link no longer works",
    text: "Each link opens the page once, and only until the market opens. A fresh one goes to your own chat, nowhere else.",
  },
  "no-session": {
    title: "Open Openbell from your phone’s message",
    text: "This page opens by a link in your own chat. A fresh one goes there, nowhere else.",
  },
  "signed-out": {
    title: "You are signed out",
    text: "Your tokens stay alive and are looked after. To come back in, have a fresh link sent to your own chat.",
  },
} as const;

function LinkView({ app, door }: { readonly app: App; readonly door: Door & { kind: "link-needed" } }) {
  const { request } = door;
  const reason = REASONS[door.reason];
  return (
    <section class="door">
      <ViewHeading>{reason.title}</ViewHeading>
      <p>{reason.text}</p>
      <button
        type="button"
        class="button primary"
        disabled={request === "sending"}
        onClick={() => void app.sendFreshLink()}
      >
        {request === "sending" ? "Sending…" : "Send me a fresh link"}
      </button>
      <p class="door-answer" role="status">
        {request === "sent" && (
          <>
            <strong>Look at your phone.</strong> If this is your Openbell, a fresh link is on its way.
          </>
        )}
      </p>
      <ProblemNote problem={typeof request === "object" ? request : undefined} />
    </section>
  );
}
