import { change, wordsOf } from '../data/graph.js';
import { queryClient } from '../data/query-client.js';
import { AddImageDocument } from '../generated.js';
import { toast } from '../shell/toasts.js';
import { count } from '../shell/units.js';
import { type CollectionName, titleOf } from './names.js';

/** As many are sent at a time. */
const AT_ONCE = 3;

/** Adds pictures to a collection, under ids that the service makes. */
export async function addFiles(collection: CollectionName, files: readonly File[]): Promise<void> {
  const { collectionId } = collection;
  const waiting = [...files];
  const failures: string[] = [];
  const closeToast = toast({
    text: `Adds ${count(files.length, 'picture')} to ${titleOf(collection)}…`,
    milliseconds: 3_600_000,
  });
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift())
      try {
        await change(AddImageDocument, 'AddImageSuccess', {
          input: { collectionId, image: { upload: file } },
        });
      } catch (error) {
        failures.push(`${file.name}: ${wordsOf(error)}`);
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  closeToast();
  const added = files.length - failures.length;
  const [first] = failures;
  if (first) toast({ text: `Added ${added} of ${files.length}. ${first}`, milliseconds: 12_000 });
  else toast({ text: `Added ${count(added, 'picture')} to ${titleOf(collection)}.` });
  await queryClient.resetQueries({ queryKey: ['collections'] });
}

/** Lets the reader choose pictures for a collection. */
export function chooseImages(collection: CollectionName): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = 'image/*';
  input.multiple = true;
  input.addEventListener('change', () => void addFiles(collection, [...(input.files ?? [])]));
  input.click();
}
