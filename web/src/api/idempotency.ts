/**
 * Gives out Idempotency-Keys. Sending the same thing again (after a lost answer, or a second press) must carry
 * the same key, and changed content a new one: the server refuses one key for two different requests.
 */
export class IdempotencyKeys {
  #last: { content: string; key: string } | null = null;

  keyFor(content: unknown): string {
    const text = JSON.stringify(content);
    if (this.#last?.content !== text) {
      this.#last = { content: text, key: crypto.randomUUID() };
    }
    return this.#last.key;
  }

  /** To be called when the server has answered: the same content would now mean a second wish. */
  done(): void {
    this.#last = null;
  }
}
