import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useZoom, useZoomFrame, type Zoom, type ZoomControl } from '../detail/zoom.js';
import { ZoomButtons } from '../detail/zoom-buttons.js';
import { ZoomedPicture } from '../detail/zoomed-picture.js';
import { kindOf, nameOf } from '../grid/tile.js';
import { navigate, place, withSearch } from '../router.js';
import { Action } from '../shell/action.js';
import { useShortcuts } from '../shell/shortcuts.js';
import { WAYS, type Way, wayOf } from './address.js';
import type { Member } from './ask-groups.js';

/** A member, and the number that it has in its group. */
export interface Numbered {
  member: Member;
  number: number;
}

interface CompareProps {
  pair: readonly [Numbered, Numbered];
}

/** Two pictures: beside each other or in the same place, enlarged and moved as one. */
export function Compare({ pair }: CompareProps) {
  const way = wayOf(place.value.search);
  const [shown, setShown] = useState<0 | 1>(0);
  const [edge, setEdge] = useState(50);
  const { control, ...zooming } = useZoom();
  const flip = () => (way === 'flip' ? setShown((before) => (before === 0 ? 1 : 0)) : choose('flip'));
  useShortcuts((pressed, event) => {
    // What the space bar presses by itself.
    const isButton = event.target instanceof Element && event.target.matches('button, [type=checkbox]');
    if (pressed !== 'f' && (pressed !== ' ' || isButton)) return;
    event.preventDefault();
    flip();
  });
  const frame = { zoom: zooming.zoom, control };
  return (
    <section class="compare" aria-label="Comparison">
      <div class={`panes ${way} ${formOf(pair)}`}>
        {way === 'side' &&
          pair.map((each) => (
            <Pane key={each.number} {...frame} caption={captionOf(each)}>
              <Layer {...each} zoom={frame.zoom} />
            </Pane>
          ))}
        {way !== 'side' && (
          <Pane {...frame} caption={way === 'flip' ? captionOf(pair[shown]) : captionOfBoth(way, pair)}>
            <Layer {...pair[0]} zoom={frame.zoom} isHidden={way === 'flip' && shown === 1} />
            <Layer
              {...pair[1]}
              zoom={frame.zoom}
              isHidden={way === 'flip' && shown === 0}
              from={way === 'slider' ? edge : 0}
            />
            {way === 'slider' && <span class="edge" style={{ left: `${edge}%` }} />}
          </Pane>
        )}
        <ZoomButtons {...zooming} />
      </div>
      <div class="compare-bar">
        <Ways way={way} />
        {way === 'flip' && (
          <Action icon="swap" onPress={flip}>
            Flip <kbd>Space</kbd>
          </Action>
        )}
        {way === 'slider' && (
          <input
            type="range"
            class="edge-slider"
            aria-label={`Where picture ${pair[0].number} ends and picture ${pair[1].number} begins`}
            value={edge}
            onInput={({ currentTarget }) => setEdge(Number(currentTarget.value))}
          />
        )}
      </div>
    </section>
  );
}

/** Wide pictures are larger above each other. */
function formOf([{ member }]: CompareProps['pair']): 'wide' | 'tall' | '' {
  const { view } = member.entry;
  const aspect = view ? view.width / view.height : 1;
  return aspect > 1.25 ? 'wide' : aspect < 0.7 ? 'tall' : '';
}

function choose(way: Way): void {
  navigate(withSearch({ view: way === 'side' ? null : way }), { replace: true });
}

function Ways({ way }: { way: Way }) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">How to compare</legend>
      {Object.entries(WAYS).map(([name, label]) => (
        <label key={name}>
          <input type="radio" name="way" checked={way === name} onChange={() => choose(name as Way)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface PaneProps {
  zoom: Zoom;
  control: ZoomControl;
  caption: string;
  children: ComponentChildren;
}

function Pane({ zoom, control, caption, children }: PaneProps) {
  const frame = useRef<HTMLDivElement>(null);
  useZoomFrame(control, frame);
  return (
    <div class="pane">
      <div ref={frame} class={`frame ${zoom.scale > 1 ? 'zoomed' : ''}`}>
        {children}
      </div>
      <span class="pane-caption" aria-live="polite">
        {caption}
      </span>
    </div>
  );
}

interface LayerProps extends Numbered {
  zoom: Zoom;
  isHidden?: boolean;
  /** From where on it is to be seen, in per cent of the width of the frame. */
  from?: number;
}

function Layer({ member: { entry }, zoom, isHidden = false, from = 0 }: LayerProps) {
  return (
    <span
      class={`layer ${isHidden ? 'is-hidden' : ''}`}
      style={{ clipPath: from > 0 ? `inset(0 0 0 ${from}%)` : 'none' }}
    >
      {entry.view ? (
        <ZoomedPicture label={nameOf(entry)} view={entry.view} fileUrl={entry.fileUrl} zoom={zoom} />
      ) : (
        <span class="undecoded" role="img" aria-label={nameOf(entry)}>
          {kindOf(entry.contentType)}
        </span>
      )}
    </span>
  );
}

function captionOf({ member: { entry }, number }: Numbered): string {
  const size = entry.width && entry.height ? ` · ${entry.width} × ${entry.height}` : '';
  return `${number}${size}`;
}

function captionOfBoth(way: Way, [left, right]: CompareProps['pair']): string {
  return way === 'slider'
    ? `${left.number} | ${right.number}`
    : `What differs between ${left.number} and ${right.number}`;
}
