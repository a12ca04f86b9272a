// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

/** What is wrong with a file, or with a call. */
export class McncError extends Error {
  /** The code's number, of MCNC_... in mcnc.h. Its hundreds are the class: 1 changed, 2 argument, 3 malformed, 4 unknown
   * version or feature, 5 the machine, 6 limits. */
  readonly number: number;
  /** The same as a word of the specification: "segment_digest". */
  readonly code: string;
  /** The rule of the specification that the file breaks: "container.magic". */
  readonly rule: string | null;
  /** The byte of the file that it is about. */
  readonly offset: number | null;
  /** A sentence for a person. */
  readonly message: string;
}

export type DType = 'F32' | 'F16' | 'BF16' | 'F64' | 'I8' | 'I16' | 'I32' | 'I64' | 'U8' | 'U16' | 'U32' | 'U64' |
    'BOOL' | 'F8_E4M3' | 'F8_E5M2';

/** Float32Array of F32 and so on; BOOL and the floats of 8 and 16 bits, which JavaScript lacks, are their bits. */
export type Weights = Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array |
    Uint16Array | Uint32Array | BigUint64Array;

export interface Tensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly bytes: number;
  /** Made for products of other tensors only, not part of the model. */
  readonly factor: boolean;
  /** How it is made. */
  readonly source: {readonly kind: 'generated' | 'stored' | 'shared' | 'product', readonly [key: string]: unknown};
  /** Of the decoded bytes, in hexadecimal. */
  readonly digest: string;
}

/** What `mcnc info --json` prints: docs/json.schema.json describes it. */
export interface Info {
  readonly file_length: number;
  readonly file_digest: string;
  readonly weights_identity: string;
  readonly tensors: readonly Tensor[];
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  readonly [key: string]: unknown;
}

export interface ByteRange {
  readonly offset: number;
  readonly bytes: number;
  readonly what: string;
  readonly first_bytes: string;
  readonly note: string;
}

/** Bars divide [least, most] into equal parts. Numbers that are not finite are counted apart. */
export interface Distribution {
  readonly count: number;
  readonly not_finite: number;
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly deviation: number;
  readonly bars: readonly number[];
}

/** Where the bytes of a file are. Of a URL only those parts are fetched that are needed; its server must send parts of
 * files, and to pages of other sites only if it lets them read it. */
export type Source = Blob | ArrayBuffer | ArrayBufferView | string | URL;

export class Model {
  private constructor();
  readonly info: Info;
  /** Sorted by name. */
  readonly tensors: readonly Tensor[];
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  /** Supplies the models that the file starts from, `info.bases`: .mcnc files, of any depth, and the safetensors files of
   * one model. Throws McncError of code "base" where a .mcnc file among them cannot be used. Whether the bytes of the
   * tensors fit shows when they are decoded. Without them tensors that start from one cannot be decoded. */
  setBases(bases: readonly Source[]): Promise<void>;
  /** All elements, whose digest is compared, or `count` of them from `first` on. */
  decode(tensor: string, range?: {first?: number, count?: number}): Promise<Weights>;
  /** Reads and checks everything that the file holds. withoutBases: it starts from other models, none were given, and
   * what starts from them was checked as far as that can be done without them. */
  verify(options?: {progress?: (done: number, total: number) => void}): Promise<{withoutBases: boolean}>;
  measure(tensor: string): Promise<Distribution>;
  /** What each byte is for. */
  byteRanges(): Promise<ByteRange[]>;
  /** The weights as a safetensors file. */
  safetensors(): Promise<Blob>;
  /** Ends the thread of the file, and whatever it is doing. */
  close(): void;
}

/** The most that a file may cost; one that declares more is refused. */
export interface Limits {
  outputBytes?: number;
  multiplyAdds?: number;
  scratchBytes?: number;
}

/** Opens a file and checks every rule about its first bytes. bases: as of Model.setBases. Throws McncError. */
export function open(file: Source, options?: {limits?: Limits, bases?: readonly Source[]}): Promise<Model>;

/** What each byte of a file is for, also of one that open() refuses. */
export function byteRanges(file: Source): Promise<ByteRange[]>;
