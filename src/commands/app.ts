import type { AppKey } from '../github/app-token.ts'
import { Stop } from '../report/stop.ts'
import type { Machine } from '../runner/machine.ts'

/** The GitHub App of the workflow; undefined where there is none. @throws Stop `invalid-input` for half of it */
export function appOf({ env }: Machine): AppKey | undefined {
  const [clientId, key] = [env['ZENML_UPGRADE_APP_CLIENT_ID'] ?? '', env['ZENML_UPGRADE_APP_KEY'] ?? '']
  if (clientId === '' && key === '') return undefined
  if (clientId !== '' && key !== '') return { clientId, key }
  throw new Stop('invalid-input', `${key === '' ? 'ZENML_UPGRADE_APP_KEY' : 'ZENML_UPGRADE_APP_CLIENT_ID'} is not set, and the other of the two is`, { next: 'Set both (input app-client-id and secret ZENML_UPGRADE_APP_KEY of the workflow), or neither.' })
}
