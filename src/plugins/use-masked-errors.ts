import type { Plugin } from 'graphql-yoga';
import { requestOf } from '../services/gateway-request.js';
import type { RequestSignals } from '../services/request-signals.js';
import type { MaskError } from './mask-error.js';

/** Masks what goes wrong while an operation runs. Yoga's own masking does not know of which request an error is. */
export function useMaskedErrors(maskError: MaskError): Plugin<{ signals: RequestSignals }> {
  return {
    onExecute: ({ args: { contextValue } }) => ({
      onExecuteDone({ result, setResult }) {
        if (Symbol.asyncIterator in result || !result.errors) return;
        const requestId = requestOf(contextValue.signals.gone)?.id;
        setResult({ ...result, errors: result.errors.map((error) => maskError(error, requestId)) });
      },
    }),
  };
}
