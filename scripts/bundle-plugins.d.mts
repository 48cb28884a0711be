import type { Plugin } from 'esbuild'

export declare const undiciParts: Plugin
export declare const withoutSideEffects: Plugin
