/** The code of a problem in small type, by which the guides explain it. */
export function ErrorCode({ code }: { readonly code: string | undefined }) {
  return code === undefined ? null : <code class="error-code">{code}</code>;
}
