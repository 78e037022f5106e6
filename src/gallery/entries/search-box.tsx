import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { hrefOf, navigate, place, withSearch } from '../router.js';
import { Icon } from '../shell/icon.js';
import { choosePictures } from '../similar/choose.js';

/** One box for all that a picture is found by: its address or a part of one, a hash, a picture. */
export function SearchBox() {
  const { search, view } = place.value;
  const q = view.name === 'entries' ? (search.get('q') ?? '') : '';
  const [text, setText] = useState(q);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => setText(q), [q]);
  const submit = (event: Event) => {
    event.preventDefault();
    field.current?.blur();
    find(text.trim());
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers that lack <search> are not old.
    <form role="search" class="search-box" onSubmit={submit}>
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        aria-label="Search by address, part of one, or hash"
        placeholder="Address, part of one, or hash"
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="search"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          // The cross within the field.
          if (currentTarget.value === '' && q) find('');
        }}
        onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
      />
      <button
        type="button"
        class="icon-button"
        aria-label="Find look-alikes of a picture"
        onClick={choosePictures}
      >
        <Icon name="look" />
      </button>
    </form>
  );
}

export function focusSearch(): void {
  document.querySelector<HTMLInputElement>('.search-box input')?.focus();
}

function find(text: string): void {
  navigate(addressOf(text));
}

/** Where what is searched for is shown. */
function addressOf(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return hrefOf({ name: 'entry', contentHash: text.toLowerCase() });
  if (/^[0-9a-f]{16}$/i.test(text)) return hrefOf({ name: 'similar' }, { to: text.toLowerCase() });
  if (place.value.view.name === 'entries') return withSearch({ q: text || null });
  return hrefOf({ name: 'entries' }, text ? { q: text } : {});
}
