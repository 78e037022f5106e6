import { useState } from 'preact/hooks';
import { addressHere } from '../settings.js';
import type { Zoom } from './zoom.js';

/** A middling copy of a picture, which is shown until it is enlarged. */
export interface PictureView {
  url: string;
  width: number;
  height: number;
}

interface ZoomedPictureProps {
  label: string;
  view: PictureView;
  fileUrl: string | null;
  zoom: Zoom;
}

/** A picture as it lies in its frame. */
export function ZoomedPicture({ label, view, fileUrl, zoom: { scale, x, y } }: ZoomedPictureProps) {
  const [isWhole, setWhole] = useState(false);
  // From here on the copy lacks what there is to see. The bytes stay then: what is loaded is not loaded again.
  if (scale > 1.2 && !isWhole && fileUrl) setWhole(true);
  const copy = addressHere(view.url);
  const src = isWhole && fileUrl ? addressHere(fileUrl) : copy;
  return (
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
  );
}
