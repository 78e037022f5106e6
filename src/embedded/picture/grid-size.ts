/** Tones on each side of the square that a view shows, and that is transformed. */
export const GRID_SIZE = 64;
/** Frequencies 1 to FREQUENCIES are kept on each axis; the constant terms say nothing about shapes. */
export const FREQUENCIES = 16;
