import { useRef, useState } from 'preact/hooks';
import { addressHere } from '../settings.js';
import { Icon, type IconName } from '../shell/icon.js';
import { useShortcuts } from '../shell/shortcuts.js';
import { useZoom } from './zoom.js';

interface ViewerProps {
  label: string;
  kind: string;
  /** A middling copy, which is shown until it is enlarged; null where there is none. */
  view: { url: string; width: number; height: number } | null;
  fileUrl: string | null;
}

/** A picture that can be looked at closely. */
export function Viewer({ label, kind, view, fileUrl }: ViewerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { scale, x, y, zoomIn, zoomOut, toFit } = useZoom(frame);
  const [isWhole, setWhole] = useState(false);
  // From here on the copy lacks what there is to see. The bytes stay then: what is loaded is not loaded again.
  if (scale > 1.2 && !isWhole && fileUrl) setWhole(true);
  useShortcuts((pressed) => {
    if (pressed === '+' || pressed === '=') zoomIn();
    if (pressed === '-') zoomOut();
    if (pressed === '0') toFit();
  });
  if (!view)
    return (
      <div class="viewer undecoded" role="img" aria-label={label}>
        {kind}
      </div>
    );
  const copy = addressHere(view.url);
  const src = isWhole && fileUrl ? addressHere(fileUrl) : copy;
  return (
    <div class="viewer">
      <div ref={frame} class={`frame ${scale > 1 ? 'zoomed' : ''}`}>
        <img
          class="checkered"
          src={src}
          alt={label}
          width={view.width}
          height={view.height}
          draggable={false}
          style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}
          onError={({ currentTarget }) => {
            // Browsers cannot show all that is decoded here.
            if (src !== copy) currentTarget.src = copy;
          }}
        />
      </div>
      <div class="zoom-buttons">
        <ZoomButton icon="minus" label="Zoom out" onPress={zoomOut} />
        <output aria-label="Zoom">{Math.round(scale * 100)} %</output>
        <ZoomButton icon="plus" label="Zoom in" onPress={zoomIn} />
        <ZoomButton icon="fit" label="Fit" onPress={toFit} />
      </div>
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
