export interface KnownBreak {
  readonly version: string
  readonly sentence: string
  readonly source: string
}
/** `v0.98.0` → `0.98.0`; undefined when it is no version. */
export declare function normalise(version: string): string | undefined
/** Negative when `a` is older than `b`, in PEP 440 order. Throws TypeError for what is no version. */
export declare function compare(a: string, b: string): number
export declare function sameVersion(a: string, b: string): boolean
export declare function isOlder(a: string, b: string): boolean
/** Breaks after `from` up to and including `to`. */
export declare function knownBreaks(from: string, to: string): KnownBreak[]
/** Python minors such as `3.11` that this ZenML version runs on, oldest first. */
export declare function supportedPythons(version: string): string[]
