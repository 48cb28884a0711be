import type { AppKey } from './app-token.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'

/**
 * The GitHub App of the workflow; undefined where there is none. Half of it is none for reading: a
 * workflow may have its key for the proposal alone.
 * @throws Stop `invalid-input` for half of it where it opens the promotion
 */
export function appFor(
  { env, log }: Machine,
  purpose: 'proposing' | 'reading',
): AppKey | undefined {
  const [clientId, key] = [
    env['ZENML_UPGRADE_APP_CLIENT_ID'] ?? '',
    env['ZENML_UPGRADE_APP_KEY'] ?? '',
  ]
  if (clientId === '' && key === '') return undefined
  if (clientId !== '' && key !== '') return { clientId, key }
  const message = `${key === '' ? 'ZENML_UPGRADE_APP_KEY' : 'ZENML_UPGRADE_APP_CLIENT_ID'} is not set, and the other of the two is`
  const next =
    'Set both (input app-client-id and secret ZENML_UPGRADE_APP_KEY of the workflow), or neither.'
  if (purpose === 'proposing') throw new Stop('invalid-input', message, { next })
  log.warn(`no GitHub App reads other repositories: ${message} → ${next}`)
  return undefined
}
