import { effect, type Signal, signal } from '@preact/signals';

/** A value that this device remembers. */
export function kept<Value extends string | number>(name: string, otherwise: Value): Signal<Value> {
  const place = `lookalike.${name}`;
  const value = signal(read(localStorage.getItem(place), otherwise));
  effect(() => localStorage.setItem(place, String(value.value)));
  return value;
}

function read<Value extends string | number>(text: string | null, otherwise: Value): Value {
  if (text === null) return otherwise;
  const value = typeof otherwise === 'number' ? Number(text) : text;
  return Number.isNaN(value) ? otherwise : (value as Value);
}
