import { signal } from '@preact/signals';
import { base } from './settings.js';

/** What the page shows; http/gallery.ts serves it at the address of each. */
export type View =
  | { name: 'entries' }
  | { name: 'entry'; contentHash: string }
  | { name: 'similar' }
  | { name: 'collections' }
  | { name: 'collection'; collectionId: string }
  | { name: 'image'; collectionId: string; imageId: string }
  | { name: 'duplicates' }
  | { name: 'group'; groupId: string }
  | { name: 'import' }
  | { name: 'nowhere' };

export interface Place {
  view: View;
  search: URLSearchParams;
  /** Names the entry of the browser's history. */
  key: string;
}

/** Where the reader is. */
export const place = signal<Place>(readPlace());

/** How far each entry of the history was scrolled, by its key. */
const offsets = new Map<string, number>();
/** How many entries of the history are behind this one, as far as this page made them. */
let visited = 0;

/** Begins to follow the browser: its buttons, and presses of links to views. */
export function startRouter(): void {
  history.scrollRestoration = 'manual';
  if (!place.value.key) history.replaceState({ key: newKey() }, '');
  place.value = readPlace();
  addEventListener('popstate', () => {
    keepOffset();
    visited = Math.max(visited - 1, 0);
    place.value = readPlace();
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.download || !isView(new URL(link.href))) return;
    event.preventDefault();
    navigate(link.href);
  });
}

/** @param address of a view, as `hrefOf` gives it */
export function navigate(address: string, { replace = false } = {}): void {
  keepOffset();
  if (!replace) visited++;
  if (replace) history.replaceState(history.state, '', address);
  else history.pushState({ key: newKey() }, '', address);
  place.value = readPlace();
  if (!replace) scrollTo(0, 0);
}

/** Goes back to where the reader came from; to all pictures where this page is where they began. */
export function goBack(): void {
  if (visited > 0) history.back();
  else navigate(hrefOf({ name: 'entries' }));
}

/** Where a place was scrolled to when the reader left it; 0 for a new one. */
export function offsetOf({ key }: Place): number {
  return offsets.get(key) ?? 0;
}

export function hrefOf(
  view: Exclude<View, { name: 'nowhere' }>,
  search: Record<string, string> = {},
): string {
  const query = new URLSearchParams(search).toString();
  return base.pathname + pathOf(view) + (query && `?${query}`);
}

/** The address of this view with other parameters: null takes one away, a list gives several of one name. */
export function withSearch(changes: Record<string, string | readonly string[] | null>): string {
  const search = new URLSearchParams(place.value.search);
  for (const [name, value] of Object.entries(changes)) {
    search.delete(name);
    for (const each of value === null ? [] : [value].flat()) search.append(name, each);
  }
  const query = search.toString();
  return location.pathname + (query && `?${query}`);
}

function pathOf(view: Exclude<View, { name: 'nowhere' }>): string {
  switch (view.name) {
    case 'entries':
      return '';
    case 'entry':
      return `entries/${view.contentHash}`;
    case 'collection':
      return `collections/${encodeURIComponent(view.collectionId)}`;
    case 'image':
      return `collections/${encodeURIComponent(view.collectionId)}/images/${encodeURIComponent(view.imageId)}`;
    case 'group':
      return `duplicates/${encodeURIComponent(view.groupId)}`;
    default:
      return view.name;
  }
}

function readPlace(): Place {
  return {
    view: viewOf(new URL(location.href)),
    search: new URLSearchParams(location.search),
    key: (history.state as { key?: string } | null)?.key ?? '',
  };
}

function isView(url: URL): boolean {
  return url.origin === base.origin && viewOf(url).name !== 'nowhere';
}

function viewOf({ pathname }: URL): View {
  if (!pathname.startsWith(base.pathname)) return { name: 'nowhere' };
  const [first = '', id, images, imageId, ...more] = segmentsOf(pathname.slice(base.pathname.length));
  if (more.length > 0) return { name: 'nowhere' };
  if (first === 'entries' && id && images === undefined) return { name: 'entry', contentHash: id };
  if (first === 'collections' && id) {
    if (images === 'images' && imageId) return { name: 'image', collectionId: id, imageId };
    return images === undefined ? { name: 'collection', collectionId: id } : { name: 'nowhere' };
  }
  if (first === 'duplicates' && id && images === undefined) return { name: 'group', groupId: id };
  if (id !== undefined) return { name: 'nowhere' };
  if (first === '') return { name: 'entries' };
  return isPlain(first) ? { name: first } : { name: 'nowhere' };
}

function isPlain(name: string): name is 'similar' | 'collections' | 'duplicates' | 'import' {
  return ['similar', 'collections', 'duplicates', 'import'].includes(name);
}

function segmentsOf(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return ['%']; // No valid percent-encoding, and so no view.
  }
}

function keepOffset(): void {
  offsets.set(place.value.key, scrollY);
}

function newKey(): string {
  return Math.random().toString(36).slice(2);
}
