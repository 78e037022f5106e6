import type { IncomingMessage, ServerResponse } from 'node:http';
import { BuiltFiles } from './built-files.js';
import { sendPage } from './built-page.js';

/** The addresses of the page's views, as src/gallery/router.ts has them. Those of pictures in collections are longer. */
const VIEW =
  /^\/(?:|entries\/[^/]+|similar|collections(?:\/[^/]+(?:\/images\/[^/]+)?)?|duplicates(?:\/[^/]+)?|import)$/;

/** Whether a path is that of a view of the gallery. */
export function isGalleryPath(path: string): boolean {
  return VIEW.test(path);
}

export interface GalleryOptions {
  /** Whether the graph answers nothing without a key. */
  needsKey: boolean;
  /** The base of the addresses in responses. */
  publicUrl(): string;
}

/** Serves the gallery, which `npm run build` builds from src/gallery: one small page for all views, and the files that it names. */
export class Gallery {
  readonly #options: GalleryOptions;
  readonly #files = new BuiltFiles(new URL('../gallery/', import.meta.url));

  constructor(options: GalleryOptions) {
    this.#options = options;
  }

  /** @param path of a view */
  async servePage(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const { needsKey, publicUrl } = this.#options;
    return sendPage(req, res, {
      // As src/gallery/settings.ts reads them.
      settings: { needsKey, publicUrl: publicUrl() },
      entry: await this.#files.entry('index.tsx'),
      // The page may be below a path of its host, which is not known here.
      folder: `${'../'.repeat(path.split('/').length - 2)}gallery/`,
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    });
  }

  /** @param name what follows `/gallery/` in the path */
  serveFile(req: IncomingMessage, res: ServerResponse, name: string): Promise<void> {
    return this.#files.serve(req, res, name);
  }
}

/**
 * The page runs the files of this gateway alone, and speaks to it alone. It takes the pictures from where it was opened, whatever
 * name responses give to the gateway; those that were not sent yet are blobs.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "worker-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
