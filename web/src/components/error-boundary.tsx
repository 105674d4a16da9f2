import { Component, type ComponentChildren } from "preact";

interface Fault {
  readonly hasFailed: boolean;
}

/** Shows a way on, instead of a blank page, when drawing the page failed. */
export class ErrorBoundary extends Component<{ children: ComponentChildren }, Fault> {
  override state: Fault = { hasFailed: false };

  static override getDerivedStateFromError(): Fault {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main class="page">
        <section class="door" role="alert">
          <h1>The page met a fault of its own</h1>
          <p>
            Your tokens are not touched by it. Load the page again; the terminal works too: openbell status.
          </p>
          <button type="button" class="button primary" onClick={() => location.reload()}>
            Load again
          </button>
        </section>
      </main>
    );
  }
}
