/** What the package has no types for. */
declare module 'monaco-editor/esm/vs/editor/editor.worker.js' {
  import type { worker } from 'monaco-editor';

  export function initialize<Data>(
    create: (context: worker.IWorkerContext<undefined>, data: Data) => object,
  ): void;
}
