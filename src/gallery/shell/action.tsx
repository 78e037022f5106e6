import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.js';
import { toast } from './toasts.js';

interface ActionProps {
  icon?: IconName;
  children: ComponentChildren;
  /** Why it cannot be done; null where it can. */
  problem?: string | null;
  kind?: 'primary' | 'danger' | undefined;
  onPress(): void;
}

/** A button that says why where it cannot do what it says: it can be reached all the same. */
export function Action({ icon, children, problem = null, kind, onPress }: ActionProps) {
  return (
    <button
      type="button"
      class={`button ${kind ?? ''}`}
      aria-disabled={problem !== null}
      title={problem ?? undefined}
      onClick={() => (problem === null ? onPress() : toast({ text: problem }))}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}
