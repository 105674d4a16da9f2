import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/**
 * The heading of a view. It takes the focus when its view replaces another, so that a screen reader and the
 * keyboard go on from there; not when the page is opened.
 */
export function ViewHeading({
  children,
  takesFocus = true,
}: {
  children: ComponentChildren;
  takesFocus?: boolean;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!takesFocus) return;
    heading.current?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }, []);
  return (
    <h1 class="view-heading" tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}
