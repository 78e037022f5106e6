/** What the gateway tells the page, as JSON in the element `#settings`. See http/gallery.ts. */
interface Settings {
  /** Whether the graph answers nothing without a key. */
  needsKey: boolean;
  /** The base of the addresses in responses, without a trailing slash. */
  publicUrl: string;
}

const script = import.meta.url;

/** The address of the gateway as this page was opened, which ends with a slash: its files lie in a folder below. */
export const base = new URL('..', script);

export const settings: Settings = JSON.parse(document.querySelector('#settings')?.textContent ?? '');

/**
 * An address of a picture as a response gives it, from where this page was opened: the gateway may have another name in
 * responses, which this page could not load from.
 */
export function addressHere(url: string): string {
  const { publicUrl } = settings;
  return url.startsWith(`${publicUrl}/`) ? base.pathname + url.slice(publicUrl.length + 1) : url;
}
