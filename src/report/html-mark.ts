import { markup, type Html } from './html-text.ts'
import type { Mark } from './mark.ts'

type Shown = Exclude<Mark, 'none'>

const DISC = markup`<circle cx="8" cy="8" r="8"/>`

/** Drawn, because no font has all of them everywhere; each on a box of 16 by 16. */
const SHAPES: Readonly<Record<Shown, Html>> = {
  passed: markup`${DISC}<path d="M4.3 8.4l2.5 2.5 4.9-5.2"/>`,
  failed: markup`${DISC}<path d="M5 5l6 6M11 5l-6 6"/>`,
  warning: markup`<path class="area" d="M8 .8a1.3 1.3 0 0 1 1.1.7l6.6 11.9a1.3 1.3 0 0 1-1.1 1.9H1.4a1.3 1.3 0 0 1-1.1-1.9L6.9 1.5A1.3 1.3 0 0 1 8 .8z"/><path d="M8 5.4v4.2M8 12.4v.2"/>`,
  held: markup`${DISC}<path d="M6 5v6M10 5v6"/>`,
  unknown: markup`${DISC}<path d="M5.9 6.2a2.1 2.1 0 1 1 3.3 1.7c-.8.5-1.2.9-1.2 1.6M8 12v.2"/>`,
}

/** Draws a mark that is read aloud as a word; nothing where nothing was measured. */
export function markSign(mark: Mark): Html {
  return mark === 'none'
    ? markup``
    : markup`<svg class="mark ${mark}" viewBox="0 0 16 16" role="img" aria-label="${mark}">${SHAPES[mark]}</svg>`
}
