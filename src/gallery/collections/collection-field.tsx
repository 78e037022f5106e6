import { useLayoutEffect } from 'preact/hooks';
import { titleOf, useCollectionNames } from './names.js';

/** Chooses a collection. */
export function CollectionField({
  value,
  onChange,
}: {
  value: string;
  onChange(collectionId: string): void;
}) {
  const { data: collections, isError } = useCollectionNames();
  const [first] = collections ?? [];
  useLayoutEffect(() => {
    if (!value && first) onChange(first.collectionId);
  });
  if (isError) return <p class="problem">The collections cannot be read now.</p>;
  if (collections?.length === 0) return <p class="hint">There is no collection yet: make one first.</p>;
  return (
    <label class="field">
      <span>Collection</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {collections?.map((collection) => (
          <option key={collection.collectionId} value={collection.collectionId}>
            {titleOf(collection)}
          </option>
        ))}
      </select>
    </label>
  );
}
