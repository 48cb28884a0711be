/** An answer that says no, in GitHub's words. */
export class Refusal extends Error {
  readonly status: number
  readonly body: Record<string, unknown>

  constructor(status: number, message: string, more: Record<string, unknown> = {}) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.body = {
      message,
      ...more,
      documentation_url: 'https://docs.github.com/rest',
      status: String(status),
    }
  }
}

export interface FieldProblem {
  readonly resource: string
  readonly code:
    'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom'
  readonly field?: string
  readonly message?: string
}

export function notFound(): Refusal {
  return new Refusal(404, 'Not Found')
}

/** The 422 that lists problems of fields. */
export function invalid(...errors: FieldProblem[]): Refusal {
  return new Refusal(422, 'Validation Failed', { errors })
}
