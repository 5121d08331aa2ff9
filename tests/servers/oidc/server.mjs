// An OpenID Connect provider with the people and programs it is told of: node server.mjs PORT SETTINGS.
import { readFileSync } from 'node:fs'
import { generateKeyPairSync } from 'node:crypto'
import Provider from 'oidc-provider'

const [port, file] = process.argv.slice(2)
const told = JSON.parse(readFileSync(file, 'utf8'))
const issuer = `http://127.0.0.1:${port}`

const key = (kind, options, alg) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg}-1`,
})

const provider = new Provider(issuer, {
  clients: told.clients,
  jwks: { keys: [
    key('rsa', { modulusLength: 2048 }, 'RS256'),
    key('ec', { namedCurve: 'P-256' }, 'ES256'),
  ] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...told.people[id] }) }),
  claims: { openid: ['sub'], profile: ['staff_number', 'force'], groups: ['groups'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'] },
  pkce: { required: () => true },
  ttl: { AccessToken: 600, ClientCredentials: 600, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600 },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: 'alerts', audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    })
    grant.addOIDCScope('openid profile groups')
    await grant.save()
    return grant
  },
})
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'))
