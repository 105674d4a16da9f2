import type { Tone } from "../words.ts";

/** The mark: a bell, drawn for Openbell. */
export function Bell() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 4.5c-5 0-8.2 3.7-8.2 8.7 0 5.3-1.4 7.6-3 9.3h22.4c-1.6-1.7-3-4-3-9.3 0-5-3.2-8.7-8.2-8.7Z" />
      <path d="M12.6 25a3.5 3.5 0 0 0 6.8 0Z" />
    </svg>
  );
}

const SHAPES = {
  good: "m7.5 12.3 3.1 3.2 6-6.6",
  pending: "M12 7.5V12l3 2",
  trouble: "M12 7.3v5.6M12 16.2v.3",
  neutral: "M8 12h8",
} as const satisfies Record<Tone, string>;

/** One shape a tone, so that colour is never the only sign. The words stand beside it. */
export function ToneIcon({ tone }: { readonly tone: Tone }) {
  return (
    <svg class={`tone-icon tone-${tone}`} viewBox="0 0 24 24" aria-hidden="true">
      <circle class="tone-disc" cx="12" cy="12" r="10" />
      <path class="tone-sign" d={SHAPES[tone]} />
    </svg>
  );
}

/** An arrow out of a box: the link opens another page. */
export function OutwardIcon() {
  return (
    <svg class="inline-icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M10 5H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-4M14 4h6v6M20 4l-9 9" />
    </svg>
  );
}
