/** Numbers as a viewer writes them. */
export function numberWords(value: number, digits = 5): string {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) return value.toExponential(digits - 2);
  return String(Number(value.toPrecision(digits)));
}
