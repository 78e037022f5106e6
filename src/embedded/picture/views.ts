import type { Frame } from './border.js';
import type { Sampler } from './sampling.js';

/**
 * The descriptor hashes a picture several times, each time looking at another part of it. The first INDEXED_VIEWS of
 * VIEWS are what an index keeps of a picture; all of them are what a query tries, each against the indexed views
 * listed in `against`. A crop of a picture meets that picture where a view of the one shows what an indexed view of
 * the other shows.
 */
export interface View {
  /** The part that is looked at: of the content, of the whole picture where the border counts, or of its busy part. */
  readonly of: 'content' | 'whole' | 'busy';
  /** The share of each side. */
  readonly size: number;
  /** Where the part lies: 0 left or top, 0.5 centred, 1 right or bottom. */
  readonly x: number;
  readonly y: number;
  /** How the part is turned, clockwise. */
  readonly degrees: number;
  /** The canvas grew when the picture was turned; `size` refers to the picture before that. */
  readonly grown: boolean;
  readonly against: readonly number[];
}

const UPRIGHT = { of: 'content', x: 0.5, y: 0.5, degrees: 0, grown: false } as const;

/** Indexed views, as indices into VIEWS. */
const [ALL, CENTRE_90, CENTRE_80, CENTRE_70] = [0, 1, 2, 3];
export const INDEXED_VIEWS = 4;
/** The first VIEWS show the middle, upright. */
export const CENTRED_VIEWS = 6;

/** The eight places around the centre. */
const AROUND = [0, 0.5, 1]
  .flatMap((y) => [0, 0.5, 1].map((x) => ({ x, y })))
  .filter(({ x, y }) => x !== 0.5 || y !== 0.5);

const around = (size: number, against: number[]): View[] =>
  AROUND.map((place) => ({ ...UPRIGHT, ...place, size, against }));

const tilted = (degrees: number, grown: boolean): View => ({
  ...UPRIGHT,
  of: 'whole',
  size: 0.8,
  degrees,
  grown,
  against: [CENTRE_80, CENTRE_70],
});

export const VIEWS: readonly View[] = [
  { ...UPRIGHT, size: 1, against: [ALL, CENTRE_90, CENTRE_80, CENTRE_70] },
  { ...UPRIGHT, size: 0.9, against: [ALL, CENTRE_90, CENTRE_80] },
  { ...UPRIGHT, size: 0.8, against: [ALL, CENTRE_80, CENTRE_70] },
  { ...UPRIGHT, size: 0.7, against: [ALL, CENTRE_70] },
  // Between the indexed sizes: centre crops of 5, 15 and 25 %.
  { ...UPRIGHT, size: 0.943, against: [ALL, CENTRE_90, CENTRE_80, CENTRE_70] },
  { ...UPRIGHT, size: 0.85, against: [ALL, CENTRE_80, CENTRE_70] },
  // A crop of 5, 10 or 15 % holds an indexed centre somewhere: 0.947 = 0.9 / 0.95, 0.889 = 0.8 / 0.9, 0.824 = 0.7 / 0.85.
  ...around(0.947, [CENTRE_90]),
  ...around(0.889, [CENTRE_80, CENTRE_70]),
  ...around(0.824, [CENTRE_70]),
  // The other way round: what is indexed is an off-centre crop of the query.
  ...around(0.9, [ALL]),
  ...[-5, -2.5, 2.5, 5].map((degrees) => tilted(degrees, false)),
  ...[-5, 5].map((degrees) => tilted(degrees, true)),
];

/**
 * Of a picture with a border, or with what looks like one: the indexed views once more, with the border. All are
 * indexed, and all are what a query tries.
 */
export const WHOLE_VIEWS: readonly View[] = VIEWS.slice(0, INDEXED_VIEWS).map((view) => ({
  ...view,
  of: 'whole',
}));

/**
 * Of a picture with a busy part among bars that are not plain, as the screens of telephones show them: the upright views
 * of the middle once more, of that part. The first INDEXED_VIEWS are indexed, all are what a query tries.
 */
export const BUSY_VIEWS: readonly View[] = VIEWS.slice(0, CENTRED_VIEWS).map((view) => ({
  ...view,
  of: 'busy',
}));

/** The frames that views refer to. */
export type Frames = Readonly<Record<View['of'], Frame>>;

/** The tones that a view shows. */
export function look(view: View, sampler: Sampler, frames: Frames, aspect: number): Float64Array {
  const frame = frames[view.of];
  if (view.degrees === 0) return sampler.upright(part(frame, view, view.size, view.size));
  const { across, down } = view.grown ? shareBeforeTurning(view.degrees, aspect) : { across: 1, down: 1 };
  return sampler.tilted(part(frame, view, view.size * across, view.size * down), view.degrees, aspect);
}

function part({ left, top, right, bottom }: Frame, { x, y }: View, across: number, down: number): Frame {
  const width = (right - left) * across;
  const height = (bottom - top) * down;
  const partLeft = left + (right - left - width) * x;
  const partTop = top + (bottom - top - height) * y;
  return { left: partLeft, top: partTop, right: partLeft + width, bottom: partTop + height };
}

/** Of a canvas that grew by turning: the shares of its sides that the picture had before. */
function shareBeforeTurning(degrees: number, aspect: number): { across: number; down: number } {
  const angle = (Math.abs(degrees) * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const determinant = cos * cos - sin * sin;
  return { across: (cos - sin / aspect) / determinant, down: (cos - sin * aspect) / determinant };
}
