import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.js';

interface MenuProps {
  label: ComponentChildren;
  /** Where the label is no text. */
  name?: string;
  children: ComponentChildren;
}

/** A button that unfolds a panel below; a press elsewhere and Esc fold it again. */
export function Menu({ label, name, children }: MenuProps) {
  const element = useRef<HTMLDetailsElement>(null);
  useLayoutEffect(() => {
    const closeOutside = ({ target }: Event) => {
      if (element.current?.open && !element.current.contains(target as Node)) element.current.open = false;
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('focusin', closeOutside);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('focusin', closeOutside);
    };
  }, []);
  return (
    <details
      ref={element}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !element.current?.open) return;
        event.stopPropagation();
        element.current.open = false;
        element.current.querySelector('summary')?.focus();
      }}
    >
      <summary class="button" aria-label={name}>
        {label}
        {!name && <Icon name="chevron" />}
      </summary>
      <div class="panel">{children}</div>
    </details>
  );
}
