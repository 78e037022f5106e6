import type { ComponentChildren } from 'preact';
import { CopyButton } from '../shell/copy-button.js';

/** Names and values. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

interface FactProps {
  name: string;
  children: ComponentChildren;
  /** Whether it takes a line for itself. */
  wide?: boolean;
}

export function Fact({ name, children, wide }: FactProps) {
  return (
    <div class={wide ? 'wide' : ''}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A value that people take elsewhere. */
export function Copied({ text, what }: { text: string; what: string }) {
  return (
    <span class="fact-line">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}

/** Where a picture is from: a link where it is an address of the web. */
export function Source({ url }: { url: string }) {
  const isWeb = /^https?:\/\//i.test(url);
  return (
    <span class="fact-line">
      {isWeb ? (
        <a href={url} target="_blank" rel="noreferrer noopener">
          {url}
        </a>
      ) : (
        <span>{url}</span>
      )}
      <CopyButton text={url} what="the address" />
    </span>
  );
}
