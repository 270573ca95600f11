/** Times as pages say them. Always with the zone of the mail or UTC: the server's own zone is nobody's business. */

/** `2026-01-12 09:00 +0100`, the sender's own clock. @param offsetMinutes east of UTC */
export function sentWords(at: Date, offsetMinutes: number): string {
  const local = new Date(at.getTime() + offsetMinutes * 60_000).toISOString();
  const sign = offsetMinutes < 0 ? "-" : "+";
  const minutes = Math.abs(offsetMinutes);
  const zone = `${sign}${String(Math.floor(minutes / 60)).padStart(2, "0")}${String(minutes % 60).padStart(2, "0")}`;
  return `${local.slice(0, 10)} ${local.slice(11, 16)} ${zone}`;
}

/** `2026-01-12 08:00 UTC`. */
export function utcWords(at: Date): string {
  const iso = at.toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** `5 min`, `3 h`, `12 d`, `2 y`: how long ago, for dense lists. */
export function ageWords(at: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - at.getTime()) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  const days = Math.floor(minutes / 1440);
  return days < 730 ? `${days} d` : `${Math.floor(days / 365)} y`;
}
