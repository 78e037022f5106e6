import { hrefOf } from '../router.js';
import { base } from '../settings.js';
import { Action } from '../shell/action.js';
import { CopyButton } from '../shell/copy-button.js';
import { choosePictures } from '../similar/choose.js';

/** Says how pictures come here, where there are none. */
export function NothingYet() {
  const curl = `curl -F file=@cat.jpg -F url=https://example.org/cat.jpg -F client_name=me ${new URL('imgcache/images', base).href}`;
  const python = `client = ImgCacheClient("${new URL('imgcache', base).href}")`;
  return (
    <section class="nothing">
      <h2>No pictures yet</h2>
      <p>
        Drop one anywhere on this page, paste it, or choose it. You see what looks like it first; it is stored
        when you say so.
      </p>
      <div class="actions">
        <Action icon="look" kind="primary" onPress={choosePictures}>
          Choose a picture
        </Action>
        <a class="button" href={hrefOf({ name: 'import' })}>
          Import many
        </a>
      </div>
      <p>From a shell:</p>
      <Code text={curl} what="the command" />
      <p>From a program that knows imgcache already, with nothing but another address:</p>
      <Code text={python} what="the line" />
    </section>
  );
}

export function NothingFound() {
  return (
    <section class="nothing">
      <h2>Nothing like that</h2>
      <p>
        No address holds this text with these filters. Part of an address is enough, in capitals or not. To
        find a picture by its look, drop it anywhere on this page.
      </p>
      <a class="button" href={hrefOf({ name: 'entries' })}>
        Show all pictures
      </a>
    </section>
  );
}

function Code({ text, what }: { text: string; what: string }) {
  return (
    <div class="code">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </div>
  );
}
