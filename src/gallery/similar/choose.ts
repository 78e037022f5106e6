import { type FoundFile, filesOfInput } from '../import/files.js';
import { addFiles } from '../import/import-run.js';
import { hrefOf, navigate } from '../router.js';
import { toast } from '../shell/toasts.js';

/** A picture that was dropped, pasted or chosen. It is on this page alone until somebody stores it. */
export interface ChosenPicture {
  id: string;
  file: File;
  /** Its address within the page. */
  preview: string;
}

/** As many as going back in the history finds again. */
const KEPT = 20;

const chosen = new Map<string, ChosenPicture>();
let lastId = 0;

export function chosenPicture(id: string): ChosenPicture | null {
  return chosen.get(id) ?? null;
}

/** Shows the look-alikes of a picture. */
export function lookUp(file: File): void {
  const id = String(++lastId);
  chosen.set(id, { id, file, preview: URL.createObjectURL(file) });
  const [oldest] = chosen.values();
  if (oldest && chosen.size > KEPT) {
    URL.revokeObjectURL(oldest.preview);
    chosen.delete(oldest.id);
  }
  navigate(hrefOf({ name: 'similar' }, { picture: id }));
}

/** Takes what was dropped, pasted or chosen: one picture to look for, or many to import. */
export function takeFiles(files: readonly FoundFile[]): void {
  const [first, ...more] = files;
  if (!first) toast({ text: 'There is no picture in it.' });
  else if (more.length === 0) lookUp(first.file);
  else {
    addFiles(files);
    navigate(hrefOf({ name: 'import' }));
  }
}

/** Lets the reader choose a picture; on a phone, make one. */
export function choosePictures(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = 'image/*';
  input.addEventListener('change', () => takeFiles(filesOfInput(input)));
  input.click();
}
