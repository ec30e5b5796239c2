export type { LineAnswer, LineRequest, PreparedLine, PrepareLine } from "./answer-line.ts";
export type { BatchFile, BatchFiles, FilePage } from "./batch-file.ts";
export type { Batch, Batches, BatchFault, BatchOwner, BatchStatus, NewBatch } from "./batches.ts";
export {
  BatchNotFoundError,
  FileInUseError,
  FileNotFoundError,
  FileRefusedError,
  FileTooLargeError,
  TooManyBatchesError,
  TooManyBatchLinesError,
  TooManyFilesError,
} from "./errors.ts";
