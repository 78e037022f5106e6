import { ask } from '../data/graph.js';
import { useQuery } from '../data/use-query.js';
import { ClientNamesDocument } from '../generated.js';
import { navigate, place, withSearch } from '../router.js';
import { Icon } from '../shell/icon.js';
import { Menu } from '../shell/menu.js';
import { chipsOf, ORDERS, orderOf } from './filter.js';

const TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/bmp',
  'image/svg+xml',
];
const WIDTHS = [640, 1024, 1920, 3840];

const set = (name: string, value: string | readonly string[] | null) =>
  navigate(withSearch({ [name]: value }));

/** What is left out of a list of entries, and its order. All of it is in the address. */
export function Filters() {
  const { search } = place.value;
  return (
    <div class="filters">
      <Menu label="Client">
        <Clients chosen={search.getAll('client')} />
      </Menu>
      <Menu label="Type">
        <Choices name="type" options={TYPES.map((type) => [type, type])} chosen={search.getAll('type')} />
      </Menu>
      <Menu label="Added">
        <Day name="from" label="On this day or later" value={search.get('from')} />
        <Day name="before" label="Before this day" value={search.get('before')} />
      </Menu>
      <Menu label="Size">
        <Radios
          name="min"
          options={[
            ['', 'Any width'],
            ...WIDTHS.map((width) => [`${width}`, `At least ${width} px wide`] as const),
          ]}
          chosen={search.get('min') ?? ''}
        />
        <Radios
          name="decoded"
          options={[
            ['', 'Decoded or not'],
            ['yes', 'Decoded pictures'],
            ['no', 'What could not be decoded'],
          ]}
          chosen={search.get('decoded') ?? ''}
        />
      </Menu>
      <Menu label={ORDERS[orderOf(search)][1]}>
        <Radios
          name="order"
          options={Object.entries(ORDERS).map(([name, [, label]]) => [name === 'newest' ? '' : name, label])}
          chosen={search.get('order') ?? ''}
        />
      </Menu>
    </div>
  );
}

/** The conditions that hold, each with a button that takes it away. */
export function Chips() {
  const { search } = place.value;
  const chips = chipsOf(search);
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label="Filters">
      {chips.map(({ name, value, label }) => (
        <li key={`${name} ${value}`}>
          <button
            type="button"
            class="chip"
            aria-label={`Remove the filter ${label}`}
            onClick={() =>
              set(
                name,
                search.getAll(name).filter((other) => other !== value),
              )
            }
          >
            {label}
            <Icon name="close" />
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <button
            type="button"
            class="chip plain"
            onClick={() => navigate(withSearch(Object.fromEntries(chips.map(({ name }) => [name, null]))))}
          >
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}

function Clients({ chosen }: { chosen: readonly string[] }) {
  const { data, isError } = useQuery({
    queryKey: ['clientNames'],
    queryFn: async () => (await ask(ClientNamesDocument)).clientNames ?? [],
  });
  if (isError) return <p class="hint">The names of clients cannot be read now.</p>;
  if (!data) return <p class="hint">Reading…</p>;
  if (data.length === 0) return <p class="hint">Nothing is stored yet.</p>;
  const options = data.map(({ name, entryCount }) => [name, `${name} (${entryCount})`] as const);
  return <Choices name="client" options={options} chosen={chosen} />;
}

interface ChoicesProps {
  name: string;
  options: readonly (readonly [value: string, label: string])[];
}

function Choices({ name, options, chosen }: ChoicesProps & { chosen: readonly string[] }) {
  const choose = (value: string, isChosen: boolean) =>
    set(name, isChosen ? [...chosen, value] : chosen.filter((other) => other !== value));
  return (
    <fieldset class="choices">
      <legend class="visually-hidden">{name}</legend>
      {options.map(([value, label]) => (
        <label class="check" key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={({ currentTarget }) => choose(value, currentTarget.checked)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Radios({ name, options, chosen }: ChoicesProps & { chosen: string }) {
  return (
    <fieldset class="choices">
      <legend class="visually-hidden">{name}</legend>
      {options.map(([value, label]) => (
        <label class="check" key={value}>
          <input
            type="radio"
            name={name}
            checked={chosen === value}
            onChange={() => set(name, value || null)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Day({ name, label, value }: { name: string; label: string; value: string | null }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="date"
        value={value ?? ''}
        onChange={({ currentTarget }) => set(name, currentTarget.value || null)}
      />
    </label>
  );
}
