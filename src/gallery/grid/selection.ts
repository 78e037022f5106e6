import { effect, signal } from '@preact/signals';
import { place } from '../router.js';
import type { Tile } from './tile.js';

/** The pictures that are marked, by their ids. Another view begins with none. */
export const marked = signal<ReadonlyMap<string, Tile>>(new Map());

let path = location.pathname;
effect(() => {
  void place.value;
  if (location.pathname === path) return;
  path = location.pathname;
  unmarkAll();
});

export function toggle(tile: Tile): void {
  const next = new Map(marked.value);
  if (!next.delete(tile.id)) next.set(tile.id, tile);
  marked.value = next;
}

export function markAll(tiles: readonly Tile[]): void {
  marked.value = new Map([...marked.value, ...tiles.map((tile) => [tile.id, tile] as const)]);
}

export function unmarkAll(): void {
  if (marked.peek().size > 0) marked.value = new Map();
}
