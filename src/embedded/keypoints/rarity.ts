/**
 * The pictures of the world that a collection is judged with, and how many of them have an average keypoint: what is there
 * once in a small collection may be everywhere, like a letter of a font.
 */
const OTHERS = 2000;
const OTHERS_HAVING = 1;
/** A keypoint that this share of the pictures has tells nothing apart. */
const COMMON = 0.02;
/** A keypoint that one of so many pictures has is as rare as any. */
const RARE = 10_000;

/** How much it says that a picture has a keypoint that so many of all pictures have, 0 to 1. */
export function rarityOf(having: number, all: number): number {
  const share = (having + OTHERS_HAVING) / (all + OTHERS);
  if (having === 0 || share > COMMON) return 0;
  return Math.min(1, Math.log(1 / share) / Math.log(RARE)) ** 2;
}
