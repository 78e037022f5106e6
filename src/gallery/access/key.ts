import { signal } from '@preact/signals';
import { settings } from '../settings.js';

const NAME = 'lookalike.key';

/** The key of the reader: in this tab, or on this device where they said so; null for none. No address ever holds it. */
export const key = signal<string | null>(sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME));

/** Why the page asks for a key; null while it needs none. */
export const keyWanted = signal<string | null>(
  settings.needsKey && key.value === null ? 'This gateway answers those who have a key.' : null,
);

export function enter(given: string, { remember }: { remember: boolean }): void {
  forget();
  (remember ? localStorage : sessionStorage).setItem(NAME, given);
  key.value = given;
  keyWanted.value = null;
}

/** Leaves: neither this tab nor this device has the key any more. */
export function leave(reason = 'You have left. The key is forgotten on this device.'): void {
  forget();
  key.value = null;
  keyWanted.value = reason;
}

function forget(): void {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
}
