import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** How a picture lies in its frame: enlarged about its middle, then moved, in pixels. */
export interface Zoom {
  scale: number;
  x: number;
  y: number;
}

const FIT: Zoom = { scale: 1, x: 0, y: 0 };
const MAX_SCALE = 16;
const STEP = 1.5;

type Point = Pick<Zoom, 'x' | 'y'>;

/** Zoom and pan of what is in one frame, or in several of one size that are kept in step. */
export function useZoom() {
  const [zoom, setZoom] = useState(FIT);
  const [control] = useState(() => new ZoomControl(setZoom));
  return {
    zoom,
    control,
    zoomIn: () => control.by(STEP),
    zoomOut: () => control.by(1 / STEP),
    toFit: () => control.set(FIT),
  };
}

/**
 * Lets pointers in a frame zoom and move (one moves, two spread), as well as the wheel with Ctrl as browsers have it, and two
 * presses.
 */
export function useZoomFrame(control: ZoomControl, frame: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => (frame.current ? control.listen(frame.current) : undefined), [frame, control]);
}

/** How what is in the frames lies, as pointers and calls change it. */
export class ZoomControl {
  readonly #onChange: (zoom: Zoom) => void;
  #zoom = FIT;
  #frame: HTMLElement | null = null;
  /** Those that are down, from the middle of their frame. */
  readonly #pointers = new Map<number, Point>();

  constructor(onChange: (zoom: Zoom) => void) {
    this.#onChange = onChange;
  }

  set(zoom: Zoom): void {
    this.#zoom = zoom.scale <= 1 ? FIT : within(zoom, this.#frame);
    this.#onChange(this.#zoom);
  }

  by(factor: number, at: Point = { x: 0, y: 0 }): void {
    this.set(about(this.#zoom, factor, at));
  }

  /** @returns what ends it */
  listen(frame: HTMLElement): () => void {
    this.#frame = frame;
    const listening = new AbortController();
    const on = <Name extends keyof HTMLElementEventMap>(
      name: Name,
      listener: (event: HTMLElementEventMap[Name]) => void,
    ) => frame.addEventListener(name, listener, { passive: false, signal: listening.signal });
    on('wheel', (event) => {
      if (!event.ctrlKey) return; // It scrolls the page.
      event.preventDefault();
      this.by(Math.exp(-event.deltaY / 200), fromMiddle(event, frame));
    });
    on('dblclick', (event) => {
      if (this.#zoom.scale > 1) this.set(FIT);
      else this.by(STEP ** 3, fromMiddle(event, frame));
    });
    on('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.#pointers.set(event.pointerId, fromMiddle(event, frame));
      // At its usual size one pointer scrolls the page.
      if (this.#zoom.scale > 1 || this.#pointers.size > 1) frame.setPointerCapture(event.pointerId);
    });
    on('pointermove', (event) => this.#move(event.pointerId, fromMiddle(event, frame)));
    for (const name of ['pointerup', 'pointercancel', 'pointerleave'] as const)
      on(name, (event) => this.#pointers.delete(event.pointerId));
    return () => listening.abort();
  }

  #move(pointer: number, now: Point): void {
    const before = this.#pointers.get(pointer);
    if (!before) return;
    this.#pointers.set(pointer, now);
    const { scale, x, y } = this.#zoom;
    const [other] = [...this.#pointers].filter(([id]) => id !== pointer);
    if (other) {
      const [, still] = other;
      this.by(distance(now, still) / Math.max(distance(before, still), 1), middle(now, still));
    } else if (scale > 1) this.set({ scale, x: x + now.x - before.x, y: y + now.y - before.y });
  }
}

/** Enlarges and leaves a point of the frame where it is. */
function about({ scale, x, y }: Zoom, factor: number, at: Point): Zoom {
  const next = Math.min(Math.max(scale * factor, 1), MAX_SCALE);
  const ratio = next / scale;
  return { scale: next, x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio };
}

/** Keeps a part of the picture in the frame. */
function within({ scale, x, y }: Zoom, frame: HTMLElement | null): Zoom {
  const [farX, farY] = [
    ((frame?.clientWidth ?? 0) * (scale - 1)) / 2,
    ((frame?.clientHeight ?? 0) * (scale - 1)) / 2,
  ];
  return { scale, x: Math.min(Math.max(x, -farX), farX), y: Math.min(Math.max(y, -farY), farY) };
}

function fromMiddle({ clientX, clientY }: MouseEvent, element: HTMLElement): Point {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
