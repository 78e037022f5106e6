import { columns } from './grid.js';

/** How large the pictures of grids are. */
export function SizeSlider() {
  return (
    <label class="size-slider">
      <span class="visually-hidden">Pictures in a row</span>
      <input
        type="range"
        min="2"
        max="12"
        // To the right they grow.
        class="reversed"
        value={columns.value}
        aria-valuetext={`${columns.value} in a row`}
        onInput={({ currentTarget }) => {
          columns.value = Number(currentTarget.value);
        }}
      />
    </label>
  );
}
