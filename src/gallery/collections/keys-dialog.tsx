import { useState } from 'preact/hooks';
import { Copied, Fact, Facts } from '../detail/facts.js';
import { Dialog, openDialog } from '../shell/dialog.js';

interface Keys {
  publicKey: string;
  secretKey: string;
}

/** Shows the keys of a collection, the secret one when it is asked for. No graph tells it again. */
export function showKeys(title: string, keys: Keys): void {
  openDialog(() => <KeysDialog title={title} keys={keys} />);
}

function KeysDialog({ title, keys: { publicKey, secretKey } }: { title: string; keys: Keys }) {
  const [isShown, setShown] = useState(false);
  return (
    <Dialog title={`Keys of ${title}`}>
      <p>
        For programs that speak VisualSnoop’s own protocol. Keep the secret key now: it is not shown again.
        Nobody needs it to use this page.
      </p>
      <Facts>
        <Fact name="Public key" wide>
          <Copied text={publicKey} what="the public key" />
        </Fact>
        <Fact name="Secret key" wide>
          {isShown ? (
            <Copied text={secretKey} what="the secret key" />
          ) : (
            <button type="button" class="button" onClick={() => setShown(true)}>
              Show
            </button>
          )}
        </Fact>
      </Facts>
    </Dialog>
  );
}
