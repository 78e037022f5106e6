import { type FormEvent, useRef } from 'react';

const STORAGE_NAME = 'lookalike:key';

/** The key of an earlier visit with this browser; empty for none. */
export function keptKey(): string {
  return localStorage.getItem(STORAGE_NAME) ?? '';
}

export function keepKey(key: string): void {
  if (key) localStorage.setItem(STORAGE_NAME, key);
  else localStorage.removeItem(STORAGE_NAME);
}

export interface KeyFieldProps {
  value: string;
  /** Told of a key once it is typed, not while. */
  onChange(key: string): void;
}

/** The field for the key that all tabs and the docs use. */
export function KeyField({ value, onChange }: KeyFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const commit = () => {
    const given = input.current?.value.trim() ?? '';
    if (given !== value) onChange(given);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    commit();
  };
  return (
    <form className="key-field" onSubmit={onSubmit}>
      <input
        ref={input}
        type="password"
        aria-label="Key"
        placeholder="Key for all tabs"
        title="Sent with each operation, and kept in this browser until the field is emptied"
        autoComplete="off"
        spellCheck={false}
        defaultValue={value}
        onBlur={commit}
      />
    </form>
  );
}
