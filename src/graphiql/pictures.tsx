import { useGraphiQL } from '@graphiql/react';
import { useEffect, useState } from 'react';
import { findPictures, type Picture } from './find-pictures.js';

/** A page has at most as many entries. */
const MAX_SHOWN = 100;

/** The pictures that the response names, below it. */
export function Pictures({ base }: { base: string }) {
  const editor = useGraphiQL(({ responseEditor }) => responseEditor);
  const [pictures, setPictures] = useState<readonly Picture[]>([]);
  useEffect(() => {
    if (!editor) return;
    const read = () => setPictures(findPictures(parsed(editor.getValue()), base));
    read();
    const subscription = editor.onDidChangeModelContent(read);
    return () => subscription.dispose();
  }, [editor, base]);
  if (pictures.length === 0) return null;
  return (
    <ul className="pictures" aria-label="Pictures of the response">
      {pictures.slice(0, MAX_SHOWN).map((picture) => (
        <PictureLink key={picture.src} {...picture} />
      ))}
    </ul>
  );
}

/** Nothing for what browsers cannot show. */
function PictureLink({ src, href, path }: Picture) {
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return null;
  return (
    <li>
      <a href={href} target="_blank" rel="noreferrer" title={path}>
        <img src={src} alt={path} loading="lazy" onError={() => setBroken(true)} />
      </a>
    </li>
  );
}

/** Null for what is no JSON, as a response that has not come yet. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
