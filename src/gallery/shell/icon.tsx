/** Strokes in a square of 24. */
const PATHS = {
  search: 'M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM20.5 20.5l-4.5-4.5',
  pictures: 'M4 5h7v6H4zM13 5h7v9h-7zM4 13h7v6H4zM13 16h7v3h-7z',
  look: 'M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M12 8.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7z',
  collections: 'M4 7h16v13H4zM7 4h10',
  duplicates: 'M9 6a6 6 0 1 1 0 12a6 6 0 0 1 0-12zM15 6a6 6 0 1 1 0 12a6 6 0 0 1 0-12z',
  import: 'M12 4v11M7.5 10.5L12 15l4.5-4.5M4 17v3h16v-3',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  help: 'M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 0 1 0-17zM9.6 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.2.9-1.2 1.8M12 16.6v.1',
  theme: 'M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  chevron: 'M7 10l5 5l5-5',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  download: 'M12 4v11M7.5 10.5L12 15l4.5-4.5M5 19.5h14',
  trash: 'M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  fit: 'M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5',
  back: 'M11 6l-6 6l6 6M5 12h14',
  next: 'M13 6l6 6l-6 6M19 12H5',
  swap: 'M7 7h13M16 3l4 4l-4 4M17 17H4M8 13l-4 4l4 4',
  undo: 'M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11H9',
  graph: 'M12 3.5l7.5 4.3v8.4L12 20.5l-7.5-4.3V7.8z',
  edit: 'M5 19h4L19.5 8.5l-4-4L5 15z',
  keys: 'M8 12a4 4 0 1 1 0 .1M12 12h8.5v3M16.5 12v2.5',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a text, or in the place of one that an `aria-label` gives. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
