import { useRef } from 'preact/hooks';
import { useZoom, useZoomFrame } from './zoom.js';
import { ZoomButtons } from './zoom-buttons.js';
import { type PictureView, ZoomedPicture } from './zoomed-picture.js';

interface ViewerProps {
  label: string;
  kind: string;
  /** Null where there is none. */
  view: PictureView | null;
  fileUrl: string | null;
}

/** A picture that can be looked at closely. */
export function Viewer({ label, kind, view, fileUrl }: ViewerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { control, ...zooming } = useZoom();
  useZoomFrame(control, frame);
  const { zoom } = zooming;
  if (!view)
    return (
      <div class="viewer undecoded" role="img" aria-label={label}>
        {kind}
      </div>
    );
  return (
    <div class="viewer">
      <div ref={frame} class={`frame ${zoom.scale > 1 ? 'zoomed' : ''}`}>
        <ZoomedPicture label={label} view={view} fileUrl={fileUrl} zoom={zoom} />
      </div>
      <ZoomButtons {...zooming} />
    </div>
  );
}
