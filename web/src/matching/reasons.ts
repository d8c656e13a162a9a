/** The server's reasons as list entries: each once, beginning with a capital letter, without a full stop. */
export function sentences(reasons: string[]): string[] {
  const tidy = reasons.map((reason) => reason.trim().replace(/\.$/, '')).filter((reason) => reason !== '');
  return [...new Set(tidy.map((reason) => reason.charAt(0).toUpperCase() + reason.slice(1)))];
}
