import type { ImgCache } from '#src/services/imgcache.js';
import type { StagedImage, Staging } from '#src/services/staged-image.js';

/**
 * Has a protocol take what is no image, so that what all imgcaches do can be asked of it: the bytes pass for an image on their way
 * in, and are stored as what they are.
 */
export function takingAnything<Parts extends { imgcache: ImgCache; staging: Staging }>({
  imgcache,
  staging,
  ...parts
}: Parts) {
  const originals = new WeakMap<StagedImage, StagedImage>();
  const disguised = (image: StagedImage): StagedImage => {
    const { contentHash, size } = image;
    const passing: StagedImage = {
      contentHash,
      size,
      blake3: () => image.blake3(),
      facts: async () => ({ ...(await image.facts()), contentType: 'image/any' }),
      description: (use) => image.description(use),
      stream: () => image.stream(),
      share: () => image.share(),
      moveTo: (path) => image.moveTo(path),
      [Symbol.asyncDispose]: () => image[Symbol.asyncDispose](),
    };
    originals.set(passing, image);
    return passing;
  };
  const honest = (bucket: ImgCache): ImgCache =>
    new Proxy(bucket, {
      get(target, key) {
        if (key === 'store')
          return (...[image, ...rest]: Parameters<ImgCache['store']>) =>
            target.store(originals.get(image) ?? image, ...rest);
        if (key === 'inBucket') return target.inBucket && ((name: string) => honest(target.inBucket!(name)));
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  return {
    ...parts,
    imgcache: honest(imgcache),
    staging: {
      stage: async (...args: Parameters<Staging['stage']>) => disguised(await staging.stage(...args)),
    },
  };
}
