import type { ServerResponse } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import { requestOf } from '../request/gateway-request.js';
import { type OperationReport, reportOn } from './execution/operation-report.js';

export interface OperationReportsOptions {
  /** Told of each operation at its end. */
  onOperation(report: OperationReport): void;
}

/** Reports operations, also what was refused before there was one. */
export function useOperationReports({
  onOperation,
}: OperationReportsOptions): Plugin<object, { res: ServerResponse }> {
  return {
    onResultProcess({ result, serverContext }) {
      if (!Array.isArray(result) && !(Symbol.asyncIterator in result))
        onOperation(reportOn(result, requestOf(serverContext.res)));
    },
  };
}
