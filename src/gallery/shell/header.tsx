import { key, leave } from '../access/key.js';
import { useViewer } from '../access/viewer.js';
import { SearchBox } from '../entries/search-box.js';
import { hrefOf, place, type View } from '../router.js';
import { base } from '../settings.js';
import { Icon, type IconName } from './icon.js';
import { Menu } from './menu.js';
import { openHelp } from './shortcuts.js';
import { ThemeSwitch } from './theme.js';

interface Section {
  view: { name: 'entries' | 'similar' | 'collections' | 'duplicates' | 'import' };
  label: string;
  icon: IconName;
  /** The views that it leads to. */
  holds: readonly View['name'][];
}

const SECTIONS: readonly Section[] = [
  { view: { name: 'entries' }, label: 'Pictures', icon: 'pictures', holds: ['entries', 'entry'] },
  { view: { name: 'similar' }, label: 'Look-alikes', icon: 'look', holds: ['similar'] },
  {
    view: { name: 'collections' },
    label: 'Collections',
    icon: 'collections',
    holds: ['collections', 'collection', 'image'],
  },
  { view: { name: 'duplicates' }, label: 'Duplicates', icon: 'duplicates', holds: ['duplicates', 'group'] },
  { view: { name: 'import' }, label: 'Import', icon: 'import', holds: ['import'] },
];

/** What stands above, and on a phone below, all views. */
export function Header() {
  const here = place.value.view.name;
  return (
    <header class="header">
      <a class="skip" href="#content">
        Skip to the pictures
      </a>
      <a class="brand" href={hrefOf({ name: 'entries' })}>
        Lookalike
      </a>
      <nav class="sections" aria-label="Parts">
        {SECTIONS.map(({ view, label, icon, holds }) => (
          <a key={label} href={hrefOf(view)} aria-current={holds.includes(here) ? 'page' : undefined}>
            <Icon name={icon} />
            <span>{label}</span>
          </a>
        ))}
      </nav>
      <SearchBox />
      <More />
    </header>
  );
}

function More() {
  const viewer = useViewer();
  return (
    <Menu name="More" label={<Icon name={key.value === null ? 'theme' : 'lock'} />}>
      {key.value !== null && (
        <>
          <p>
            {viewer?.name ? <strong>{viewer.name}</strong> : 'Your key'} may{' '}
            {viewer ? MAY[viewer.scope] : '…'}
            {viewer?.collectionIds ? `, in ${viewer.collectionIds.length} of the collections` : ''}.
          </p>
          <button type="button" class="button" onClick={() => leave()}>
            <Icon name="lock" />
            <span>Leave: forget the key</span>
          </button>
        </>
      )}
      <ThemeSwitch />
      <button type="button" class="button" onClick={openHelp}>
        <Icon name="help" />
        <span>Keys</span>
      </button>
      <a class="button" href={new URL('graphql', base).href}>
        <Icon name="graph" />
        <span>GraphiQL</span>
      </a>
    </Menu>
  );
}

const MAY = { READ: 'read', WRITE: 'read and write', ADMIN: 'do everything' } as const;
