import { Icon } from './icon.js';
import { toast } from './toasts.js';

/** Copies a text. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast({ text: `Copied: ${what}.`, milliseconds: 2500 });
    } catch {
      // Browsers give no clipboard to pages that come without TLS from elsewhere than this machine.
      toast({ text: 'This browser lets the page copy nothing here: mark the text and copy it yourself.' });
    }
  };
  return (
    <button type="button" class="icon-button" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      <Icon name="copy" />
    </button>
  );
}
