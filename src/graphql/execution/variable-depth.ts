/** Of lists and objects within each other. No input type is as deep, and what reads values is recursive. */
export const MAX_VARIABLE_DEPTH = 100;

/** Whether the value of a variable is nested deeper than any may be. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === MAX_VARIABLE_DEPTH) return true;
  const items = Array.isArray(value) ? value : Object.values(value);
  return items.some((item) => isTooDeep(item, depth + 1));
}
