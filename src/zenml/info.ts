import * as z from 'zod'
import { normalise } from '../core/versions.ts'

const text = z.string()

/** What `/api/v1/info` says. A ZenML Pro workspace has `deployment_type` `cloud`. */
export const serverInfoSchema = z.looseObject({
  id: text,
  name: text.nullish(),
  version: text.transform((version) => normalise(version) ?? version),
  active: z.boolean().default(true),
  deployment_type: text.nullish(),
  database_type: text.nullish(),
  auth_scheme: text.nullish(),
  server_url: text.nullish(),
  dashboard_url: text.nullish(),
  pro_dashboard_url: text.nullish(),
  pro_api_url: text.nullish(),
  pro_organization_id: text.nullish(),
  pro_workspace_id: text.nullish(),
  pro_workspace_name: text.nullish(),
})
export type ServerInfo = z.infer<typeof serverInfoSchema>

export function isPro(info: ServerInfo): boolean {
  return info.deployment_type === 'cloud'
}
