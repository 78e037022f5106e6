/** A picture that a response names. */
export interface Picture {
  /** The address of the thumbnail where there is one, else of the file. */
  src: string;
  /** The address of the file where there is one, else of the thumbnail. */
  href: string;
  /** Where in the response, such as `data.entries.nodes[0]`. */
  path: string;
}

type Json = Readonly<Record<string, unknown>>;

/** The paths of pictures, as http/picture-paths.ts has them: those of thumbnails end with a width. */
const PICTURE = /^\/(?:files|thumbnails|collections)\//;
const THUMBNAIL = /\/\d{3,4}(?:\.\w+)?$/;

/**
 * Finds the pictures in a response, each once, by their addresses: fields may have aliases.
 * @param base of the addresses of this gateway
 */
export function findPictures(response: unknown, base: string): Picture[] {
  const found = new Map<string, Picture>();
  const pathOf = (value: unknown) => {
    const [path = ''] =
      typeof value === 'string' && value.startsWith(base) ? value.slice(base.length).split('?') : [];
    return PICTURE.test(path) ? path : null;
  };
  const isFile = (value: unknown): value is string => {
    const path = pathOf(value);
    return path !== null && !THUMBNAIL.test(path);
  };
  const isThumbnail = (value: unknown): value is string => pathOf(value) !== null && !isFile(value);
  const thumbnailOf = (value: unknown) =>
    isObject(value) ? Object.values(value).find(isThumbnail) : undefined;

  function visit(value: unknown, path: string): void {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, `${path}[${index}]`);
    if (!isObject(value)) return;
    const values = Object.values(value);
    const thumbnail = values.find(isThumbnail) ?? values.map(thumbnailOf).find(isThumbnail);
    const file = values.find(isFile);
    const src = thumbnail ?? file;
    if (src && !found.has(src)) found.set(src, { src, href: file ?? src, path });
    for (const [name, child] of Object.entries(value)) visit(child, path ? `${path}.${name}` : name);
  }

  visit(response, '');
  return [...found.values()];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
