const FORMS: readonly {
  readonly form: RegExp
  readonly plain: (text: string) => string
}[] = [
  { form: /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, plain: (text) => text },
  // Surefire writes thousands.
  { form: /^\d{1,3}(,\d{3})+\.\d*$/, plain: (text) => text.replaceAll(',', '') },
  {
    form: /^\d{1,3}(\.\d{3})+,\d+$/,
    plain: (text) => text.replaceAll('.', '').replace(',', '.'),
  },
  // A decimal comma. "1,234" is left out: it may be a second and a bit, or twenty minutes.
  { form: /^(0,\d+|\d+,(\d{1,2}|\d{4,}))$/, plain: (text) => text.replace(',', '.') },
]

/** Seconds as test runners spell them; null, not measured, for what is no duration. */
export function junitSeconds(time: string | undefined): number | null {
  const text = (time ?? '').trim()
  const found = FORMS.find(({ form }) => form.test(text))
  if (found === undefined) return null
  const value = Number(found.plain(text))
  return Number.isFinite(value) ? value : null
}
