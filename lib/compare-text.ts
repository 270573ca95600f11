/** Order of two strings by code unit: the same on every machine and in every locale, as stored orders and hashes need it. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
