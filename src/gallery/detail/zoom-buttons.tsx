import { Icon, type IconName } from '../shell/icon.js';
import { useShortcuts } from '../shell/shortcuts.js';
import type { useZoom } from './zoom.js';

/** Zooms by buttons and by keys, and says how large the picture is. */
export function ZoomButtons({ zoom, zoomIn, zoomOut, toFit }: Omit<ReturnType<typeof useZoom>, 'control'>) {
  useShortcuts((pressed) => {
    if (pressed === '+' || pressed === '=') zoomIn();
    if (pressed === '-') zoomOut();
    if (pressed === '0') toFit();
  });
  return (
    <div class="zoom-buttons">
      <ZoomButton icon="minus" label="Zoom out" onPress={zoomOut} />
      <output aria-label="Zoom">{Math.round(zoom.scale * 100)} %</output>
      <ZoomButton icon="plus" label="Zoom in" onPress={zoomIn} />
      <ZoomButton icon="fit" label="Fit" onPress={toFit} />
    </div>
  );
}

function ZoomButton({ icon, label, onPress }: { icon: IconName; label: string; onPress(): void }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={onPress}>
      <Icon name={icon} />
    </button>
  );
}
