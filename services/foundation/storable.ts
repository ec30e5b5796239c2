/** Postgres refuses NUL, and half a surrogate pair has no UTF-8: both become the replacement character, in every keeper alike. */
export function storable<Text extends string | null>(text: Text): Text {
  return (text === null ? null : text.replaceAll("\0", "\uFFFD").replace(/\p{Surrogate}/gu, "\uFFFD")) as Text;
}
