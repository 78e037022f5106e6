import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { enter } from './key.js';

/** Asks for a key, in place of the page. */
export function KeyForm({ reason }: { reason: string }) {
  const [given, setGiven] = useState('');
  const [remember, setRemember] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (given.trim()) enter(given.trim(), { remember });
  };
  return (
    <main class="key-form">
      <form class="card" onSubmit={submit}>
        <h1>Lookalike</h1>
        <p role="status">{reason}</p>
        {/* Keepers of passwords keep them under a name. */}
        <input type="text" autocomplete="username" value="lookalike" readOnly hidden />
        <label class="field">
          <span>Key</span>
          <input
            ref={field}
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            required
            value={given}
            onInput={({ currentTarget }) => setGiven(currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={remember}
            onChange={({ currentTarget }) => setRemember(currentTarget.checked)}
          />
          <span>Remember it on this device</span>
        </label>
        <button class="button primary" type="submit">
          Open
        </button>
        <p class="hint">
          The key stays in this {remember ? 'browser until you leave' : 'tab'}, and goes to this gateway
          alone.
        </p>
      </form>
    </main>
  );
}
